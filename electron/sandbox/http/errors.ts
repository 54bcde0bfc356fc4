/** An answer that is an error in Stripe's form. Thrown by routes; nothing of their unit of work remains. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    readonly body: {
      readonly type: string;
      readonly code?: string;
      readonly message: string;
      readonly param?: string;
      readonly decline_code?: string;
    },
    /**
     * Whether the endpoint had begun to work. Only then does v1 store the answer under the idempotency key:
     * validation failures, conflicts and rate limits are not stored.
     */
    readonly executed: boolean,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(body.message);
  }
}

function docUrl(code: string): string {
  return `https://docs.stripe.com/error-codes#${code.replaceAll('_', '-')}`;
}

/** The JSON of an error answer. v1 adds the documentation link and the log link, as Stripe does. */
export function errorBody(error: ApiError, version: 'v1' | 'v2', requestId: string): unknown {
  // v2 names its errors by type.
  if (version === 'v2') {
    return { error: error.body.type === 'rate_limit_error' ? { ...error.body, type: 'rate_limit' } : error.body };
  }
  const { code } = error.body;
  return {
    error: {
      ...error.body,
      ...(code === undefined ? {} : { doc_url: docUrl(code) }),
      request_log_url: `https://dashboard.stripe.com/test/logs/${requestId}`,
    },
  };
}

export function invalid(code: string | undefined, message: string, param?: string): ApiError {
  return new ApiError(
    400,
    {
      type: 'invalid_request_error',
      ...(code === undefined ? {} : { code }),
      message,
      ...(param === undefined ? {} : { param }),
    },
    false,
  );
}

/** A refusal that comes from the state of things and not from the form of the request. */
export function refused(code: string | undefined, message: string, param?: string): ApiError {
  const error = invalid(code, message, param);
  return new ApiError(error.status, error.body, true);
}

/** v2 refusal: the type says what is wrong. */
export function refusedV2(type: string, message: string, status = 400): ApiError {
  return new ApiError(status, { type, code: type, message }, true);
}

/** 404 for an id in the path. */
export function missing(kind: string, id: string): ApiError {
  return new ApiError(
    404,
    { type: 'invalid_request_error', code: 'resource_missing', message: `No such ${kind}: '${id}'`, param: 'id' },
    true,
  );
}

export function unknownRoute(method: string, path: string): ApiError {
  const message =
    `Unrecognized request URL (${method}: ${path}). Please see https://stripe.com/docs or we can help at ` +
    'https://support.stripe.com/.';
  return new ApiError(404, { type: 'invalid_request_error', message }, false);
}

export function rateLimited(code: 'rate_limit' | 'lock_timeout', retryAfterSeconds: number): ApiError {
  const message =
    code === 'rate_limit'
      ? 'Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.'
      : 'This object cannot be accessed right now because another API request or Stripe process is currently ' +
        'accessing it. If you see this error intermittently, retry the request.';
  const type = code === 'rate_limit' ? 'rate_limit_error' : 'invalid_request_error';
  const retry: Record<string, string> = code === 'lock_timeout' ? { 'Stripe-Should-Retry': 'true' } : {};
  return new ApiError(429, { type, code, message }, false, { 'Retry-After': String(retryAfterSeconds), ...retry });
}
