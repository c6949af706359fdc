// ccxt's client of Crypto.com against a custodian at 127.0.0.1: node crypto_com.mjs URL KEY SECRET
// Prints one JSON object of what ccxt made of the answers. It signs by itself: what it is answered shows that the
// server checks signatures as other people make them.
import ccxt from 'ccxt';

const [url, apiKey, secret] = process.argv.slice(2);

function client(key, password) {
  const exchange = new ccxt.cryptocom({ apiKey: key, secret: password, enableRateLimit: true });
  for (const name of Object.keys(exchange.urls.api))
    exchange.urls.api[name] = exchange.urls.api[name].replace(/^https:\/\/[^/]+/, url);
  return exchange;
}

async function errorOf(action) {
  try {
    await action();
    return 'none';
  } catch (error) {
    return error.constructor.name;
  }
}

const exchange = client(apiKey, secret);
await exchange.loadMarkets();
const balance = await exchange.fetchBalance();
const deposits = await exchange.fetchDeposits(undefined, undefined, 200);
const withdrawals = await exchange.fetchWithdrawals(undefined, undefined, 200);
const position = await exchange.v1PrivatePostPrivateStakingGetStakingPosition({});
const rewards = await exchange.v1PrivatePostPrivateStakingGetRewardHistory({ limit: '500' });
const rate = await exchange.v1PublicPostPublicStakingGetConversionRate({ instrument_name: 'CDCETH' });
const converted = await exchange.v1PrivatePostPrivateStakingConvert({
  from_instrument_name: 'ETH.staked',
  to_instrument_name: 'CDCETH',
  expected_rate: rate.result.conversion_rate,
  from_quantity: '1.5',
  slippage_tolerance_bps: '10',
});
const conversions = await exchange.v1PrivatePostPrivateStakingGetOpenConvert({ limit: '20' });
const wrongSecret = await errorOf(() => client(apiKey, 'wrong').fetchBalance());
const late = client(apiKey, secret);
late.nonce = () => Date.now() - 180000;
late.milliseconds = () => Date.now() - 180000;
const lateNonce = await errorOf(() => late.fetchBalance());

console.log(JSON.stringify({
  markets: Object.keys(exchange.markets).length,
  networks: Object.keys(exchange.currencies ?? {}).length,
  total: { BTC: balance.total.BTC, ETH: balance.total.ETH, CRO: balance.total.CRO },
  free: { BTC: balance.free.BTC },
  used: { BTC: balance.used.BTC },
  deposits: deposits.map((d) => [d.id, d.currency, d.amount, d.status]),
  withdrawals: withdrawals.map((w) => [w.id, w.currency, w.amount, w.status, w.txid]),
  staked: position.result.data.map((row) => [row.instrument_name, row.staked_quantity]),
  rewards: rewards.result.data.length,
  rate: rate.result.conversion_rate,
  converted: converted.result.convert_id,
  conversions: conversions.result.data.map((row) => [row.convert_id, row.from_quantity, row.status]),
  wrongSecret,
  lateNonce,
}));
