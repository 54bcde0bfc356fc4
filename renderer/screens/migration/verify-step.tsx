import type { MigrationView } from '../../../shared/contract';
import { Banner, Button, Checklist, Progress } from '../../components';
import { StepPanel } from './step-panel';
import { isBlocked } from './steps';

interface VerifyStepProps {
  readonly view: MigrationView;
  readonly onExecute: () => void;
  readonly onCertificate: () => void;
}

/** The checks after the last movement, over the whole. */
export function VerifyStep({ view, onExecute, onCertificate }: VerifyStepProps) {
  const { verification, state } = view;
  const blocked = isBlocked(verification);
  return (
    <StepPanel
      title="Verify"
      purpose="Compares the whole once more: every movement posted, the sums as planned, Storage covering what is owed, not a cent lost."
      footer={
        state === 'completed' ? (
          <Button kind="primary" onPress={onCertificate}>
            Open the certificate
          </Button>
        ) : (
          state === 'stopped' && (
            <Button kind="primary" onPress={onExecute}>
              Resume or roll back
            </Button>
          )
        )
      }
    >
      {state === 'verifying' && view.running && <Progress label="Verifying both balances" done={0} total={0} />}
      {state === 'verifying' && !view.running && (
        <Banner
          tone="attention"
          title="Coffer ended while it was verifying."
          actions={<Button onPress={onExecute}>Go to Execute</Button>}
        >
          Every movement is made. Resume there to finish the checks; nothing is moved twice.
        </Banner>
      )}
      {blocked && (
        <Banner tone="bad" title="A check does not pass, so there is no certificate.">
          {view.stopReason ?? 'Find out why before anything else moves.'}
        </Banner>
      )}
      {verification.length > 0 ? (
        <div className="framed">
          <Checklist checks={verification} label="Checks after the migration" />
        </div>
      ) : (
        state !== 'verifying' && <p>The checks are made when the last movement is posted.</p>
      )}
    </StepPanel>
  );
}
