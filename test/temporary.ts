import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** In memory where that can be had: a killed process loses nothing that it wrote, whatever the file system. */
export const TEMPORARY = process.env.TMPDIR === undefined && existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
