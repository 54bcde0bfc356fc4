/** The embedded Stripe in a process of its own, behind a line that takes its time: `LIMIT LATENCY_MS ACCOUNTS`. Tells its address. */
import http from 'node:http';
import { startEmbeddedStripe } from '../../electron/sandbox';

const [limit = 25, latency = 150, accounts = 1_000] = process.argv.slice(2).map(Number);

const stripe = await startEmbeddedStripe({
  rateLimit: { perSecond: limit, perEndpoint: limit },
  seed: {
    payments_available: { usd: '1000000000' },
    storage_available: { usd: '100000000000' },
    accounts: Array.from({ length: accounts }, (_, index) => ({ id: accountId(index), payouts_enabled: true })),
  },
});
const agent = new http.Agent({ keepAlive: true });
const wait = () => new Promise((resolve) => setTimeout(resolve, latency / 2));

http
  .createServer(async (incoming, outgoing) => {
    await wait();
    const { method, url, headers } = incoming;
    const onward = http.request(`${stripe.url}${url}`, { method, headers, agent }, async (answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk);
      await wait();
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      outgoing.end(Buffer.concat(chunks));
    });
    incoming.pipe(onward);
  })
  .listen(0, '127.0.0.1', function (this: http.Server) {
    const address = this.address();
    if (typeof address === 'object') process.send?.({ url: `http://127.0.0.1:${address?.port}`, direct: stripe.url });
  });

process.on('disconnect', () => process.exit(0));

function accountId(index: number): string {
  return `acct_bench${String(index).padStart(8, '0')}`;
}
