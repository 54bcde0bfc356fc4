/** Stripe's reason codes in the words of a finance person: what happened and what to do. */

const OUTBOUND_PAYMENT: Readonly<Record<string, string>> = {
  payout_method_amount_limit_exceeded:
    'The amount is above what the creator’s bank or card accepts. Pay in parts or ask the creator for another account.',
  payout_method_canceled_by_customer: 'The creator cancelled the bank account or card. Ask for another one.',
  payout_method_closed: 'The creator’s bank account is closed. Ask the creator for another one.',
  payout_method_currency_unsupported: 'The creator’s bank account does not accept this currency. Ask for another one.',
  payout_method_declined: 'The creator’s bank or card declined the payout. Ask the creator to speak with their bank.',
  payout_method_does_not_exist:
    'The creator’s bank account or card does not exist. Ask the creator to check the details.',
  payout_method_expired: 'The creator’s card has expired. Ask the creator for another one.',
  payout_method_holder_address_incorrect: 'The address of the account holder is wrong. Ask the creator to correct it.',
  payout_method_holder_details_incorrect:
    'The details of the account holder are wrong. Ask the creator to correct them.',
  payout_method_holder_name_incorrect: 'The name of the account holder is wrong. Ask the creator to correct it.',
  payout_method_invalid_account_number: 'The account number is wrong. Ask the creator to correct it.',
  payout_method_restricted: 'The creator’s bank account is restricted. Ask the creator to speak with their bank.',
  payout_method_unsupported: 'Stripe cannot pay to this bank account or card. Ask the creator for another one.',
  payout_method_usage_frequency_limit_exceeded:
    'Too many payouts to this bank account or card in a short time. Retry later.',
  fx_rate_drift_exceeded_after_review: 'The exchange rate moved too far while Stripe reviewed the payout. Retry it.',
  recalled: 'The payout was recalled.',
  review_rejected: 'Stripe reviewed the payout and rejected it. Ask Stripe support why before paying again.',
  unknown_failure: 'Stripe gives no reason. Ask the creator to check the bank details, then retry.',
};

export function outboundPaymentReason(code: string): string {
  return OUTBOUND_PAYMENT[code] ?? `Stripe’s reason: ${code.replaceAll('_', ' ')}.`;
}

export function payoutReason(code: string | null, message: string | null): string {
  if (message !== null && message !== '') return `The payout to Storage failed. Stripe says: ${message}`;
  return code === null
    ? 'The payout to Storage failed and the money is back in Payments.'
    : `The payout to Storage failed (${code.replaceAll('_', ' ')}) and the money is back in Payments.`;
}
