/// <reference types="node" />
import type { Account } from './throwaway-user.mjs';

export type Lane = 'unlocked' | 'locked' | 'none';
export type Session = { lane: Lane; home: string; env: NodeJS.ProcessEnv; close: () => Promise<void> };
export declare const lanes: readonly ['unlocked', 'locked', 'none'];
export declare function openKeychainSession(
  lane: Lane,
  options?: { display?: boolean; user?: Account },
): Promise<Session>;
export declare function withKeychainSession<T>(
  lane: Lane,
  use: (session: Session) => Promise<T>,
  options?: { display?: boolean },
): Promise<T>;
