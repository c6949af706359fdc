#pragma once
// The answers of Coinbase Prime's REST API, read. Pure text to domain; base::Refused names the field. Source:
// Coinbase's published specification (prime-public-api-spec).
#include <string>
#include <vector>

#include "services/custody/adapters/custodians/foreign_json.h"
#include "services/custody/app/custodian_source.h"

namespace navkeeper::custody::prime {

struct Page {
  std::string next_cursor;
  bool has_next = false;
};
/// Absent: the one page.
Page read_page(const json::Value& answer);

/// Ids of the portfolios that the key may see.
std::vector<std::string> read_portfolios(const json::Value& answer);

struct Wallet {
  std::string id;
  std::string symbol;  ///< as told, be it no coin's name here; empty for wallets of several coins
  std::string type;
  Record record;
  bool operator==(const Wallet&) const = default;
};
std::vector<Wallet> read_wallets(const json::Value& answer);

/// One row "Balance" of `asset`'s wallet or portfolio.
Balance read_balance(const ForeignObject& row, const Balance& pattern);
/// GET .../wallets/{id}/balance; refused when it is of another coin than the wallet.
Balance read_wallet_balance(const json::Value& answer, const Wallet& wallet, const Balance& pattern);
/// GET .../balances: total by symbol, of rows that are not zero. A row whose coin's name cannot be read goes
/// to `evidence`.
std::vector<std::pair<std::string, money::Decimal>> read_portfolio_totals(const json::Value& answer,
                                                                          Evidence& evidence);

/// Whether a transaction's status says that Prime made another one in its place: it moved nothing itself, the
/// other one may ("TRANSACTION_RETRIED: The transaction has been recreated and retried").
bool is_replaced(std::string_view status);

/// One transaction in our words; `portfolio` must be every row's (NotBelievable else).
struct Transaction {
  Record ledger_line;              ///< every one of them, signed where its type says so
  std::optional<Record> transfer;  ///< deposits and withdrawals from and to outside
  std::optional<Record> reward;
  std::optional<Record> stake;
  bool operator==(const Transaction&) const = default;
};
std::vector<Transaction> read_transactions(const json::Value& answer, const std::string& portfolio,
                                           Evidence& evidence);
std::vector<Record> read_activities(const json::Value& answer, Evidence& evidence);
/// GET .../staking/status of one wallet: what is on its way to being staked, by validator.
std::vector<Record> read_staking_status(const json::Value& answer, const std::string& portfolio,
                                        const Wallet& wallet);
/// POST .../staking/transaction-validators/query.
std::vector<Record> read_transaction_validators(const json::Value& answer, Evidence& evidence);

}  // namespace navkeeper::custody::prime
