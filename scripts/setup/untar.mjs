import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';

const block = 512;

/**
 * Takes one file out of a .tgz, streaming, with nothing but Node.
 * @param {string} archive
 * @param {string} name the full name inside the archive
 * @param {string} destination
 */
export async function extractFromTgz(archive, name, destination) {
  const output = await open(destination, 'wx');
  try {
    let header = Buffer.alloc(0);
    let contentLeft = 0;
    let paddingLeft = 0;
    let wanted = false;
    for await (const chunk of createReadStream(archive).pipe(createGunzip())) {
      let at = 0;
      while (at < chunk.length) {
        if (contentLeft > 0) {
          const part = chunk.subarray(at, at + contentLeft);
          if (wanted) await output.write(part);
          contentLeft -= part.length;
          at += part.length;
          if (wanted && contentLeft === 0) return;
        } else if (paddingLeft > 0) {
          const skipped = Math.min(paddingLeft, chunk.length - at);
          paddingLeft -= skipped;
          at += skipped;
        } else {
          const part = chunk.subarray(at, at + block - header.length);
          header = Buffer.concat([header, part]);
          at += part.length;
          if (header.length < block) continue;
          const entry = readHeader(header);
          header = Buffer.alloc(0);
          contentLeft = entry.size;
          paddingLeft = (block - (entry.size % block)) % block;
          wanted = entry.name === name;
        }
      }
    }
  } finally {
    await output.close();
  }
  throw new Error(`${name} is missing or incomplete in the archive`);
}

/** @param {Buffer} header */
function readHeader(header) {
  const text = (/** @type {number} */ from, /** @type {number} */ to) =>
    header.toString('utf8', from, to).split('\0')[0].trim();
  const prefix = text(345, 500);
  return { name: prefix ? `${prefix}/${text(0, 100)}` : text(0, 100), size: Number.parseInt(text(124, 136) || '0', 8) };
}
