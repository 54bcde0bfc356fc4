export declare const productionFuses: Readonly<Record<string, boolean>>;
