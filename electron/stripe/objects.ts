/**
 * What Coffer reads of Stripe's objects, parsed at the edge: amounts become bigint minor units, times become `Date`,
 * and fields we do not use are dropped. The checks at the end hold these schemas against the package's own types.
 */
import type Stripe from 'stripe';
import { z } from 'zod';
import { fromStripeAmount } from '../../shared/money/money';

const amount = z.int().transform(fromStripeAmount);
const unixTime = z.int().transform((seconds) => new Date(seconds * 1_000));
const timestamp = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const metadata = z.record(z.string(), z.string()).nullish();
const v2Amount = z.object({ value: amount, currency: z.string() });
const reference = z.union([z.string(), z.object({ id: z.string() }).transform((object) => object.id)]).nullable();
const v2Amounts = z.record(z.string(), v2Amount);

export const payout = z.object({
  id: z.string(),
  amount,
  currency: z.string(),
  created: unixTime,
  status: z.string(),
  payout_method: z.string().nullish(),
  failure_code: z.string().nullable(),
  failure_message: z.string().nullable(),
  reversed_by: reference,
  description: z.string().nullish(),
  metadata,
});
export type Payout = z.output<typeof payout>;

export const transfer = z.object({
  id: z.string(),
  amount,
  amount_reversed: amount,
  currency: z.string(),
  created: unixTime,
  destination: reference,
  reversed: z.boolean(),
  description: z.string().nullish(),
  metadata,
});
export type Transfer = z.output<typeof transfer>;

export const outboundPayment = z.object({
  id: z.string(),
  amount: v2Amount,
  created: timestamp,
  status: z.string(),
  status_details: z
    .object({
      failed: z.object({ reason: z.string() }).optional(),
      returned: z.object({ reason: z.string() }).optional(),
    })
    .nullish(),
  to: z.object({ recipient: z.string() }),
  description: z.string().nullish(),
  metadata,
});
export type OutboundPayment = z.output<typeof outboundPayment>;

export const receivedCredit = z.object({
  id: z.string(),
  amount: v2Amount,
  created: timestamp,
  status: z.string(),
  balance_transfer: z.object({ payout: z.string().nullish() }).nullish(),
});
export type ReceivedCredit = z.output<typeof receivedCredit>;

export const financialAccount = z.object({
  id: z.string(),
  type: z.string(),
  status: z.string(),
  display_name: z.string().nullish(),
  balance: z.object({ available: v2Amounts, inbound_pending: v2Amounts, outbound_pending: v2Amounts }),
  storage: z.object({ holds_currencies: z.array(z.string()) }).nullish(),
});
export type FinancialAccount = z.output<typeof financialAccount>;

export const storageTransaction = z.object({
  id: z.string(),
  amount: v2Amount,
  balance_impact: z.object({ available: v2Amount, inbound_pending: v2Amount, outbound_pending: v2Amount }),
  category: z.string(),
  created: timestamp,
  description: z.string().nullish(),
  flow: z
    .object({
      type: z.string(),
      adjustment: z.string().optional(),
      currency_conversion: z.string().optional(),
      fee_batch: z.string().optional(),
      inbound_transfer: z.string().optional(),
      outbound_payment: z.string().optional(),
      outbound_transfer: z.string().optional(),
      received_credit: z.string().optional(),
      received_debit: z.string().optional(),
    })
    .nullish(),
  status: z.string(),
});
export type StorageTransaction = z.output<typeof storageTransaction>;

const balanceAmounts = z.array(z.object({ amount, currency: z.string() }));
export const balance = z.object({ available: balanceAmounts, pending: balanceAmounts });

export const balanceTransaction = z.object({
  id: z.string(),
  net: amount,
  currency: z.string(),
  created: unixTime,
  type: z.string(),
  balance_type: z.string().nullish(),
  source: reference,
  description: z.string().nullable(),
});
export type BalanceTransaction = z.output<typeof balanceTransaction>;

export const balanceSettings = z.object({
  payments: z.object({
    payouts: z
      .object({
        automatic_transfer_rules_by_currency: z
          .record(z.string(), z.array(z.object({ payout_method: z.string(), type: z.string() })))
          .nullable(),
        minimum_balance_by_currency: z.record(z.string(), amount).nullable(),
        schedule: z.object({ interval: z.string().nullable() }).nullable(),
        status: z.string(),
      })
      .nullable(),
  }),
});
export type BalanceSettings = z.output<typeof balanceSettings>;

const capability = z.object({
  status: z.string(),
  status_details: z.array(z.object({ code: z.string(), resolution: z.string() })),
});
export type Capability = z.output<typeof capability>;

export const coreAccount = z.object({
  id: z.string(),
  closed: z.boolean().optional(),
  configuration: z
    .object({
      recipient: z
        .object({
          capabilities: z
            .object({ bank_accounts: z.partialRecord(z.string(), capability).nullish(), cards: capability.nullish() })
            .nullish(),
        })
        .nullish(),
    })
    .nullish(),
});
export type CoreAccount = z.output<typeof coreAccount>;

export const account = z.object({
  id: z.string(),
  business_profile: z.object({ name: z.string().nullish() }).nullish(),
  settings: z.object({ dashboard: z.object({ display_name: z.string().nullish() }).nullish() }).nullish(),
  email: z.string().nullish(),
  capabilities: z.object({ transfers: z.string().nullish() }).nullish(),
  payouts_enabled: z.boolean(),
  requirements: z
    .object({ disabled_reason: z.string().nullish(), currently_due: z.array(z.string()).nullish() })
    .nullish(),
});
export type Account = z.output<typeof account>;

/** Any object, or any list: enough to know that a read was allowed. */
export const anything = z.looseObject({});

/** Compiles only while each of the package's types still fits the schema that reads it (v2 accounts name each bank rail, we read any). */
type Reads<Schema extends z.ZodType, Api extends z.input<Schema>> = [Schema, Api];
export type CheckedAgainstPackage = [
  Reads<typeof payout, Stripe.Payout>,
  Reads<typeof transfer, Stripe.Transfer>,
  Reads<typeof outboundPayment, Stripe.V2.MoneyManagement.OutboundPayment>,
  Reads<typeof receivedCredit, Stripe.V2.MoneyManagement.ReceivedCredit>,
  Reads<typeof financialAccount, Stripe.V2.MoneyManagement.FinancialAccount>,
  Reads<typeof balance, Stripe.Balance>,
  Reads<typeof balanceTransaction, Stripe.BalanceTransaction>,
  Reads<typeof balanceSettings, Stripe.BalanceSettings>,
  Reads<typeof account, Stripe.Account>,
  Reads<typeof storageTransaction, Stripe.V2.MoneyManagement.Transaction>,
];
