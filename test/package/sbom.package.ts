/** The bill of materials inside the package, against the schema of CycloneDX and against what is in the package. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { extractFile, listPackage } from '@electron/asar';
import { expect, test } from '@playwright/test';
import { z } from 'zod';
import { unpacked } from '../../scripts/package/places.mjs';
import { electronRuntime } from '../../scripts/setup/electron-path.mjs';
import { asar, root } from './package-under-test';

const legal = path.join(unpacked, 'resources', 'legal');
const source = readFileSync(path.join(legal, 'sbom.cdx.json'), 'utf8');
const component = z.object({ 'bom-ref': z.string(), name: z.string(), version: z.string() });
const bill = z
  .object({
    bomFormat: z.literal('CycloneDX'),
    specVersion: z.enum(Spec.Version),
    metadata: z.object({ component: component.extend({ type: z.string() }) }),
    components: z.array(component.extend({ licenses: z.array(z.unknown()).optional() })),
    dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()) })),
  })
  .parse(JSON.parse(source));
const manifest = z
  .object({
    version: z.string(),
    dependencies: z.record(z.string(), z.string()),
    devDependencies: z.record(z.string(), z.string()),
  })
  .parse(JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')));
const refs = new Set(bill.components.map((one) => one['bom-ref']));

test('it is valid CycloneDX, and a damaged one would not be', async () => {
  const validator = new Validation.JsonStrictValidator(bill.specVersion);
  expect(await validator.validate(source)).toBeNull();
  expect(await validator.validate(source.replace('"CycloneDX"', '"Other"'))).not.toBeNull();
});

test('it describes Coffer in this version, with every production dependency and no development dependency', () => {
  expect(bill.metadata.component).toMatchObject({ name: 'coffer', version: manifest.version, type: 'application' });
  for (const [name, range] of Object.entries(manifest.dependencies)) {
    const [, aliased = name, version = range] = /^npm:(.+)@([^@]+)$/.exec(range) ?? [];
    expect(refs, name).toContain(`${aliased}@${version}`);
  }
  const names = new Set(bill.components.map((one) => one.name));
  for (const name of Object.keys(manifest.devDependencies)) {
    // Electron is part of the product; types of React are a dependency of production packages too.
    if (name !== 'electron' && !name.startsWith('@types/')) expect(names, name).not.toContain(name);
  }
});

test('it names the runtime: Electron and the Chromium, Node, V8 and BoringSSL in it', () => {
  expect(refs).toContain(`electron@${electronRuntime().electron}`);
  for (const name of ['chromium', 'node', 'v8', 'boringssl']) {
    expect(bill.components.find((one) => one.name === name)?.version, name).toMatch(/^\d+\./);
  }
});

test('every package in the archive is in it, in its version', () => {
  const manifests = listPackage(asar, { isPack: false }).filter((name) =>
    /^\/node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(name),
  );
  expect(manifests.length).toBeGreaterThanOrEqual(7);
  for (const place of manifests) {
    const shipped = z
      .object({ name: z.string(), version: z.string() })
      .parse(JSON.parse(extractFile(asar, place.slice(1)).toString('utf8')));
    expect(refs).toContain(`${shipped.name}@${shipped.version}`);
  }
});

test('no edge leads out of it', () => {
  const known = new Set([...refs, bill.metadata.component['bom-ref']]);
  expect(
    bill.dependencies.flatMap(({ ref, dependsOn }) => [ref, ...dependsOn]).filter((ref) => !known.has(ref)),
  ).toEqual([]);
  expect(known.size).toBe(bill.components.length + 1);
});

test('the notices name every component with its licence', () => {
  const notices = readFileSync(path.join(legal, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
  for (const { name, version } of bill.components) expect(notices).toContain(`\n${name} ${version}\nLicence: `);
  expect(notices).not.toContain('Licence: not stated');
  expect(notices).toContain('Permission is hereby granted, free of charge');
});
