// Coinbase's own SDK for Prime against a custodian at 127.0.0.1: node prime.mjs URL KEY SECRET PASSPHRASE PORTFOLIO
// Prints one JSON object of what the SDK made of the answers. It writes camelCase where the specification has
// snake_case.
import {
  BalancesService,
  CoinbasePrimeClient,
  CoinbasePrimeCredentials,
  PortfoliosService,
  StakingService,
  TransactionsService,
  WalletsService,
} from '@coinbase-sample/prime-sdk-ts';

const [url, key, secret, passphrase, portfolioId] = process.argv.slice(2);
const clientOf = (password) =>
  new CoinbasePrimeClient(new CoinbasePrimeCredentials(key, password, passphrase), `${url}/v1/`);
const client = clientOf(secret);

const portfolios = await new PortfoliosService(client).listPortfolios();
const balances = await new BalancesService(client).listPortfolioBalances({
  portfolioId,
  balanceType: 'TOTAL_BALANCES',
});
const wallets = await new WalletsService(client).listWallets({ portfolioId, type: 'VAULT' });
const eth = wallets.wallets.find((wallet) => wallet.symbol === 'ETH');
const transactions = await new TransactionsService(client).listPortfolioTransactions({ portfolioId, limit: 50 });
const stake = await new StakingService(client).createStake({
  portfolioId,
  walletId: eth.id,
  idempotencyKey: 'a3c1c4b8-0000-4000-8000-000000000001',
  inputs: { amount: '32' },
});
let wrongSecret = 'none';
try {
  await new BalancesService(clientOf('wrong')).listPortfolioBalances({ portfolioId, balanceType: 'TOTAL_BALANCES' });
} catch (error) {
  wrongSecret = String(error.status ?? error.statusCode ?? error.response?.status ?? error.message);
}

console.log(JSON.stringify({
  portfolios: portfolios.portfolios.map((portfolio) => portfolio.id),
  balances: balances.balances.map((row) => [row.symbol, row.amount]),
  wallets: wallets.wallets.length,
  transactions: transactions.transactions.length,
  hasNext: transactions.pagination?.hasNext ?? transactions.pagination?.has_next,
  stake: { walletId: stake.walletId ?? stake.wallet_id, transactionId: stake.transactionId ?? stake.transaction_id },
  wrongSecret,
}));
