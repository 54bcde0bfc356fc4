/** The three files that go from one machine to the other: a key, a request, an approval. */
import {
  type ApprovalFile,
  type ApprovalRequestFile,
  type ApproverKeyFile,
  approvalFile,
  approvalRequestFile,
  approverKeyFile,
} from '../../../shared/contract/approvals';
import { canonicalJson } from '../../../shared/domain/canonical-json';
import { CofferError } from '../../../shared/domain/coffer-error';
import { type Signer, verifySignature } from '../../journal/signing';

export function ownKeyFile(name: string, signer: Signer): ApproverKeyFile {
  return { format: 'coffer-approver-key-v1', name, publicKey: signer.publicKey };
}

export function readKeyFile(text: string): ApproverKeyFile {
  return parsed(approverKeyFile.safeParse(json(text)), 'a key of an approver');
}

/** Its signature is not checked yet. */
export function readApprovalFile(text: string): ApprovalFile {
  return parsed(approvalFile.safeParse(json(text)), 'an approval');
}

/** Throws when it was changed on its way. */
export function readRequestFile(text: string): ApprovalRequestFile {
  const request = parsed(approvalRequestFile.safeParse(json(text)), 'a request for approval');
  const { format, subject } = request;
  if (!verifySignature(subject.requesterKey, canonicalJson({ format, subject }), request.signature)) {
    throw new CofferError('approval-altered', 'This request was changed after it was made.', 'Ask for a new one.');
  }
  return request;
}

export function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function parsed<T>(
  result: { readonly success: true; readonly data: T } | { readonly success: false },
  what: string,
): T {
  if (result.success) return result.data;
  throw new CofferError(
    'approval-malformed',
    `This file is not ${what}.`,
    'Choose the file that the other machine saved.',
  );
}
