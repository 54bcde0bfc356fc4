import { Activity } from 'react';
import { CheckField, NoPeriod, PageHeader, PeriodSelect } from '../../components';
import { screenTitles } from '../../state/navigation';
import { usePeriodChoice } from '../../state/period-choice';
import { useScreenParams } from '../../state/screen-params';
import { useFocusOnDrillDown } from '../../state/use-focus-on-drill-down';
import { SubscriberList } from './subscriber-list';
import { SubscriberStatement } from './subscriber-statement';

/** Subscribers of a month: what they paid, allocated and left unused; one of them with the whole statement. */
export default function SubscribersScreen() {
  const [params, change] = useScreenParams();
  const choice = usePeriodChoice();
  const { subscriberId } = params;
  const onlyHalfUnused = params.unused === 'half';
  useFocusOnDrillDown(subscriberId);
  return (
    <>
      {subscriberId === undefined ? (
        <PageHeader
          title={screenTitles.subscribers}
          subtitle="What each subscriber paid in the month, allocated to creators, and left unused."
          filters={
            <>
              <CheckField
                label="Half or more unused"
                isSelected={onlyHalfUnused}
                onChange={(selected) => change({ unused: selected ? 'half' : undefined })}
              />
              <PeriodSelect periods={choice.periods} period={choice.period} onChoose={choice.choose} />
            </>
          }
        />
      ) : (
        <SubscriberStatement key={subscriberId} subscriberId={subscriberId} />
      )}
      {/* Hidden, not gone: Back finds the search, the order and the place in the list as they were. */}
      <Activity mode={subscriberId === undefined ? 'visible' : 'hidden'}>
        {choice.period === undefined ? (
          <NoPeriod choice={choice} what="the subscribers" />
        ) : (
          <SubscriberList
            period={choice.period}
            onlyHalfUnused={onlyHalfUnused}
            onEveryone={() => change({ unused: undefined })}
          />
        )}
      </Activity>
    </>
  );
}
