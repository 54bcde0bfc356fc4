import { Copy } from 'lucide-react';
import { tell } from '../state/toasts';
import { IconButton } from './icon-button';
import './plan-hash.css';

/** The first sixteen places of a plan's hash; the whole of it is one press away. */
export function PlanHash({ hash }: { readonly hash: string }) {
  return (
    <span className="plan-hash">
      <code title={hash}>{hash.slice(0, 16)}</code>
      <IconButton
        label="Copy the whole plan hash"
        icon={<Copy size={13} />}
        onPress={async () => {
          await navigator.clipboard.writeText(hash);
          tell('Copied the plan hash', `${hash.slice(0, 32)}…`);
        }}
      />
    </span>
  );
}
