/// <reference types="vite/client" />
import type { CofferApi } from '../shared/contract';

declare global {
  interface Window {
    /** Exposed by the preload; absent when the page is opened outside the app. */
    readonly coffer?: CofferApi;
  }
}
