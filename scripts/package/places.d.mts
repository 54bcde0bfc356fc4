export declare const output: string;
export declare const unpacked: string;
export declare const legal: string;
