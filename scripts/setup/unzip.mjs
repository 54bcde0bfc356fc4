/**
 * A zip reader for set-up, since a bare machine has neither `unzip` nor node_modules. It reads plain and deflated
 * entries through the central directory, keeps permission bits and symbolic links, and never writes outside its target.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdir, open, readlink, symlink } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';

/** @typedef {{ name: string, method: number, packedSize: number, size: number, mode: number, offset: number }} ZipEntry */

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;

/**
 * @param {string} archive
 * @param {string} target
 * @param {(name: string) => string | undefined} place the path below target for an entry, or undefined to leave it out
 * @returns {Promise<number>} how many files were written
 */
export async function unzip(archive, target, place) {
  const file = await open(archive, 'r');
  try {
    let written = 0;
    for (const entry of await readDirectory(file)) {
      const relative = place(entry.name);
      if (relative === undefined || relative === '' || relative === '/') continue;
      const destination = path.resolve(target, relative);
      if (!destination.startsWith(path.resolve(target) + path.sep)) {
        throw new Error(`zip entry outside of its target: ${entry.name}`);
      }
      if (entry.name.endsWith('/')) {
        await mkdir(destination, { recursive: true });
        continue;
      }
      await mkdir(path.dirname(destination), { recursive: true });
      await writeEntry(file, archive, entry, destination);
      written += 1;
    }
    return written;
  } finally {
    await file.close();
  }
}

/**
 * @param {import('node:fs/promises').FileHandle} file
 * @returns {Promise<ZipEntry[]>}
 */
async function readDirectory(file) {
  const { size } = await file.stat();
  // The end record is the last 22 bytes plus a comment of at most 65,535.
  const tail = await readAt(file, Math.max(0, size - 22 - 0xffff), Math.min(size, 22 + 0xffff));
  let end = tail.length - 22;
  while (end >= 0 && tail.readUInt32LE(end) !== endSignature) end -= 1;
  if (end < 0) throw new Error('not a zip file, or an incomplete one');
  const count = tail.readUInt16LE(end + 10);
  const directorySize = tail.readUInt32LE(end + 12);
  const directoryOffset = tail.readUInt32LE(end + 16);
  if (count === 0xffff || directoryOffset === 0xffffffff) throw new Error('zip64 is not supported');
  const directory = await readAt(file, directoryOffset, directorySize);
  /** @type {ZipEntry[]} */
  const entries = [];
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    if (directory.readUInt32LE(at) !== entrySignature) throw new Error('damaged zip directory');
    const nameLength = directory.readUInt16LE(at + 28);
    const extraLength = directory.readUInt16LE(at + 30);
    const commentLength = directory.readUInt16LE(at + 32);
    entries.push({
      name: directory.toString('utf8', at + 46, at + 46 + nameLength),
      method: directory.readUInt16LE(at + 10),
      packedSize: directory.readUInt32LE(at + 20),
      size: directory.readUInt32LE(at + 24),
      mode: directory.readUInt32LE(at + 38) >>> 16,
      offset: directory.readUInt32LE(at + 42),
    });
    at += 46 + nameLength + extraLength + commentLength;
  }
  return entries;
}

/**
 * @param {import('node:fs/promises').FileHandle} file
 * @param {string} archive
 * @param {ZipEntry} entry
 * @param {string} destination
 */
async function writeEntry(file, archive, entry, destination) {
  const header = await readAt(file, entry.offset, 30);
  if (header.readUInt32LE(0) !== localSignature) throw new Error(`damaged zip entry: ${entry.name}`);
  if (entry.method !== 0 && entry.method !== 8) throw new Error(`zip entry packed in an unknown way: ${entry.name}`);
  const start = entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  const isLink = (entry.mode & 0o170000) === 0o120000;
  if (entry.size === 0 || entry.packedSize === 0) {
    await (await open(destination, 'w', permissions(entry.mode))).close();
    return;
  }
  const packed = createReadStream(archive, { start, end: start + entry.packedSize - 1 });
  if (isLink) {
    await writeLink(entry.method === 8 ? packed.pipe(createInflateRaw()) : packed, destination);
    return;
  }
  const output = createWriteStream(destination, { mode: permissions(entry.mode) });
  await (entry.method === 8 ? pipeline(packed, createInflateRaw(), output) : pipeline(packed, output));
  if (output.bytesWritten !== entry.size) throw new Error(`incomplete zip entry: ${entry.name}`);
  await chmod(destination, permissions(entry.mode));
}

/**
 * @param {AsyncIterable<Buffer>} content
 * @param {string} destination
 */
async function writeLink(content, destination) {
  const parts = [];
  for await (const part of content) parts.push(part);
  const target = Buffer.concat(parts).toString('utf8');
  if (path.isAbsolute(target) || target.split('/').includes('..')) {
    throw new Error(`zip link that leads outside: ${destination}`);
  }
  await symlink(target, destination);
  if ((await readlink(destination)) !== target) throw new Error(`link not written: ${destination}`);
}

/** @param {number} mode */
function permissions(mode) {
  return mode & 0o777 || 0o644;
}

/**
 * @param {import('node:fs/promises').FileHandle} file
 * @param {number} position
 * @param {number} length
 */
async function readAt(file, position, length) {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead !== length) throw new Error('unexpected end of the zip file');
  return buffer;
}
