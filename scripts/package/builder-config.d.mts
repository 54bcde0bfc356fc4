import type { Configuration } from 'electron-builder';

export declare function builderConfig(runtime: {
  path: string;
  kind: 'official' | 'stand-in' | 'override';
  electron: string;
}): Configuration;
