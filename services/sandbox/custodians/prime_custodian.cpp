// Coinbase Prime REST, the parts of a custodian: portfolios, wallets, balances, transactions, activities,
// staking. Source: Coinbase's published specification and its pages on authentication and rate limits. Of the
// clients one writes camelCase (?balanceType=, "idempotencyKey") where another writes snake_case: both are
// taken.
#include <algorithm>

#include "common/base/base64.h"
#include "common/crypto/digest.h"
#include "services/sandbox/custodians/custodian.h"
#include "services/sandbox/venue.h"

namespace navkeeper::sandbox {
namespace {

constexpr std::int64_t kNsASecond = 1'000'000'000;
constexpr auto kTimestampTolerance = time::Duration::seconds(30);
constexpr std::size_t kPageDefault = 25;
constexpr std::size_t kPageMax = 100;
constexpr int kMillisecondDigits = 3;

std::string camel(std::string_view snake) {
  std::string made;
  bool up = false;
  for (const char c : snake) {
    if (c == '_') {
      up = true;
      continue;
    }
    made += up ? static_cast<char>(c - 'a' + 'A') : c;
    up = false;
  }
  return made;
}

std::string query_of(const http::Request& request, std::string_view name) {
  for (const std::string& spelling : {std::string(name), camel(name)}) {
    if (const std::string* value = request.query_value(spelling)) return *value;
  }
  return {};
}

const json::Value* member_of(const json::Value& object, std::string_view name) {
  if (object.kind() != json::Kind::kObject) return nullptr;
  const json::Value* const found = object.find(name);
  return found != nullptr ? found : object.find(camel(name));
}

std::string text_member(const json::Value& object, std::string_view name) {
  const json::Value* const found = member_of(object, name);
  return found != nullptr && found->kind() == json::Kind::kString ? found->as_string() : std::string();
}

http::Response failed(int status, std::string_view message) {
  json::Writer writer;
  writer.begin_object().member("message", message).end_object();
  return http::Response::json(writer.take(), status);
}

/// A wallet of one coin: the vault that keeps it, and for ETH and CRO what is staked from there.
struct PrimeWallet {
  std::string id;
  Coin coin{};
};

class PrimeCustodian final : public Custodian {
 public:
  using Custodian::Custodian;

  void add_routes(http::Router& router) override {
    const auto get = [&](const char* pattern, auto answer) {
      router.get(pattern,
                 [this, answer](const http::Request& request) { return signed_in(request, answer); });
    };
    const auto post = [&](const char* pattern, auto answer) {
      router.post(pattern,
                  [this, answer](const http::Request& request) { return signed_in(request, answer); });
    };
    using Self = PrimeCustodian;
    get("/v1/portfolios", &Self::portfolios);
    get("/v1/portfolios/{portfolio}", &Self::portfolio);
    get("/v1/portfolios/{portfolio}/balances", &Self::balances);
    get("/v1/portfolios/{portfolio}/wallets", &Self::wallets);
    get("/v1/portfolios/{portfolio}/wallets/{wallet}", &Self::wallet);
    get("/v1/portfolios/{portfolio}/wallets/{wallet}/balance", &Self::wallet_balance);
    get("/v1/portfolios/{portfolio}/wallets/{wallet}/transactions", &Self::transactions);
    get("/v1/portfolios/{portfolio}/transactions", &Self::transactions);
    get("/v1/portfolios/{portfolio}/transactions/{transaction}", &Self::transaction);
    get("/v1/portfolios/{portfolio}/activities", &Self::activities);
    get("/v1/portfolios/{portfolio}/wallets/{wallet}/staking/status", &Self::staking_status);
    post("/v1/portfolios/{portfolio}/wallets/{wallet}/staking/initiate", &Self::stake);
    post("/v1/portfolios/{portfolio}/wallets/{wallet}/staking/unstake", &Self::unstake);
    post("/v1/portfolios/{portfolio}/wallets/{wallet}/withdrawals", &Self::withdraw);
    post("/v1/portfolios/{portfolio}/staking/transaction-validators/query", &Self::validators);
  }

 protected:
  http::Response too_many_requests(const http::Request&) override { return failed(429, "Too many requests"); }

 private:
  template <class Method>
  http::Response signed_in(const http::Request& request, Method answer) {
    const auto header = [&](const char* name) {
      const std::string* const value = request.headers.find(name);
      return value == nullptr ? std::string() : *value;
    };
    const std::string timestamp = header("x-cb-access-timestamp");
    const std::string payload =
        timestamp + std::string(http::describe(request.method)) + request.path + request.body;
    const std::string signature = base::to_base64(crypto::hmac_sha256(key().secret, payload));
    if (header("x-cb-access-key") != key().key || header("x-cb-access-passphrase") != key().passphrase ||
        header("x-cb-access-signature") != signature)
      return failed(401, "invalid api key, passphrase or signature");
    const auto said = whole(timestamp, 0, 10'000'000'000);
    if (!said || !is_current(time::Instant::from_ns(*said * kNsASecond), kTimestampTolerance))
      return failed(401, "request timestamp expired");
    if (!take("portfolio", 50, time::Duration::milliseconds(40)) ||
        !take("address", 100, time::Duration::milliseconds(10)))
      return too_many_requests(request);
    if (request.path != "/v1/portfolios" && request.parameter("portfolio") != account().uuid())
      return failed(404, "portfolio not found");
    return (this->*answer)(request);
  }

  std::vector<PrimeWallet> all_wallets() {
    std::vector<PrimeWallet> wallets;
    wallets.reserve(kCoins.size());
    for (const Coin coin : kCoins) wallets.push_back({wallet_id(coin), coin});
    return wallets;
  }
  std::string wallet_id(Coin coin) {
    const std::string hex = crypto::sha256_hex(shown().uuid() + " wallet " + std::string(symbol_of(coin)));
    return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-4" + hex.substr(13, 3) + "-9" + hex.substr(17, 3) +
           "-" + hex.substr(20, 12);
  }
  /// By the account's own ids: what a client asked for before a fault began it may ask for again.
  std::optional<Coin> coin_of(const http::Request& request) {
    const std::string& id = request.parameter("wallet");
    for (const Coin coin : kCoins) {
      const std::string hex =
          crypto::sha256_hex(account().uuid() + " wallet " + std::string(symbol_of(coin)));
      if (id.starts_with(hex.substr(0, 8)) || id == wallet_id(coin)) return coin;
    }
    return std::nullopt;
  }

  void write_portfolio(json::Writer& writer) {
    writer.begin_object()
        .member("id", shown().uuid())
        .member("name", "Sandbox")
        .member("entity_id", "2c521d6c-1cfb-4371-bf9c-5a42938d3e75")
        .member("organization_id", "4c1d4464-e53b-429f-a81d-71ae7e2e687c")
        .end_object();
  }

  http::Response portfolios(const http::Request&) {
    json::Writer writer;
    writer.begin_object().key("portfolios").begin_array();
    write_portfolio(writer);
    return http::Response::json(writer.end_array().end_object().take());
  }

  http::Response portfolio(const http::Request&) {
    json::Writer writer;
    writer.begin_object().key("portfolio");
    write_portfolio(writer);
    return http::Response::json(writer.end_object().take());
  }

  void write_balance(json::Writer& writer, Coin coin, bool of_wallet) {
    const Holding holding = shown().holding(coin, view());
    // The amount is everything, what is staked too.
    const money::Int128 all = holding.total + holding.staked + holding.activating + holding.unbonding;
    writer.begin_object()
        .member("symbol", symbol_of(coin))
        .member("amount", amount(all, coin))
        .member("holds", amount(holding.reserved, coin))
        .member("bonded_amount", amount(holding.staked, coin))
        .member("reserved_amount", "0")
        .member("unbonding_amount", amount(holding.unbonding, coin))
        .member("unvested_amount", "0")
        .member("pending_rewards_amount", coin == Coin::kEth ? "0.0125" : "0")
        .member("past_rewards_amount", amount(holding.rewarded, coin))
        .member("bondable_amount", amount(holding.total - holding.reserved, coin))
        .member("withdrawable_amount", amount(holding.total - holding.reserved, coin))
        .member("fiat_amount", "0")
        .member("unbondable_amount", amount(holding.staked, coin));
    if (of_wallet) writer.member("claimable_rewards_amount", coin == Coin::kEth ? "0.0125" : "");
    if (has(CustodianFault::kNewStatus)) writer.member("quantum_state", "entangled");
    writer.end_object();
  }

  http::Response balances(const http::Request& request) {
    const std::string type = query_of(request, "balance_type");
    const std::string symbols = query_of(request, "symbols");
    json::Writer writer;
    writer.begin_object().key("balances").begin_array();
    for (const Coin coin : listed(std::vector<Coin>(kCoins.begin(), kCoins.end()))) {
      if (symbols.empty() || symbols.find(symbol_of(coin)) != std::string::npos)
        write_balance(writer, coin, false);
    }
    writer.end_array().member("type", type.empty() ? std::string("TOTAL_BALANCES") : type);
    for (const char* part : {"trading_balances", "vault_balances"})
      writer.key(part).begin_object().member("total", "0").member("holds", "0").end_object();
    return http::Response::json(writer.end_object().take());
  }

  /// One page of a list: rows after the cursor, which is the id of the last row of the page before.
  template <class Row, class Write>
  http::Response page_of(const http::Request& request, const char* name, const std::vector<Row>& rows,
                         const std::string& cursor_given, const std::string& limit_given, Write&& write) {
    std::size_t limit = kPageDefault;
    if (!limit_given.empty()) {
      const auto given = whole(limit_given, 1, 100'000);
      if (!given) return failed(400, "limit must be a positive number");
      limit = std::min(static_cast<std::size_t>(*given), kPageMax);
    }
    std::size_t begin = 0;
    if (!cursor_given.empty() && !every_second(CustodianFault::kRepeated)) {
      const auto at =
          std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.id == cursor_given; });
      if (at == rows.end()) return failed(400, "cursor is not known");
      begin = static_cast<std::size_t>(at - rows.begin()) + 1;
    }
    const std::size_t end = std::min(rows.size(), begin + limit);
    std::vector<Row> page(rows.begin() + static_cast<std::ptrdiff_t>(begin),
                          rows.begin() + static_cast<std::ptrdiff_t>(end));
    json::Writer writer;
    writer.begin_object().key(name).begin_array();
    for (const Row& row : listed(page)) write(writer, row);
    writer.end_array().key("pagination").begin_object();
    writer.member("next_cursor", page.empty() ? std::string() : page.back().id)
        .member("sort_direction", query_of(request, "sort_direction") == "ASC" ? "ASC" : "DESC")
        .member("has_next", end < rows.size())
        .end_object();
    return http::Response::json(writer.end_object().take());
  }

  template <class Row, class Write>
  http::Response page_of(const http::Request& request, const char* name, const std::vector<Row>& rows,
                         Write&& write) {
    return page_of(request, name, rows, query_of(request, "cursor"), query_of(request, "limit"),
                   std::forward<Write>(write));
  }

  void write_wallet(json::Writer& writer, const PrimeWallet& wallet) {
    writer.begin_object()
        .member("id", wallet.id)
        .member("name", std::string(symbol_of(wallet.coin)) + " vault")
        .member("symbol", symbol_of(wallet.coin))
        .member("type", "VAULT")
        .member("created_at", "2025-01-06T09:00:00.000Z")
        .member("address", shown().address(wallet.coin))
        .member("visibility", "WALLET_VISIBILITY_VISIBLE")
        .end_object();
  }

  http::Response wallets(const http::Request& request) {
    const std::string type = query_of(request, "type");
    if (type.empty()) return failed(400, "type is required");
    const std::vector<PrimeWallet> found = type == "VAULT" ? all_wallets() : std::vector<PrimeWallet>();
    return page_of(request, "wallets", found,
                   [this](json::Writer& writer, const PrimeWallet& wallet) { write_wallet(writer, wallet); });
  }

  http::Response wallet(const http::Request& request) {
    const auto coin = coin_of(request);
    if (!coin) return failed(404, "wallet not found");
    json::Writer writer;
    writer.begin_object().key("wallet");
    write_wallet(writer, {wallet_id(*coin), *coin});
    return http::Response::json(writer.end_object().take());
  }

  http::Response wallet_balance(const http::Request& request) {
    const auto coin = coin_of(request);
    if (!coin) return failed(404, "wallet not found");
    json::Writer writer;
    writer.begin_object().key("balance");
    write_balance(writer, *coin, true);
    return http::Response::json(writer.end_object().take());
  }

  struct Row {
    std::string id;
    Move move;
  };

  static std::string id_of(const std::string& account, const Move& move) {
    const std::string hex =
        crypto::sha256_hex(account + " move " + std::to_string(static_cast<int>(move.kind)) + " " +
                           std::to_string(static_cast<int>(move.coin)) + " " + std::to_string(move.number));
    return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-4" + hex.substr(13, 3) + "-a" + hex.substr(17, 3) +
           "-" + hex.substr(20, 12);
  }

  std::vector<Row> rows(const http::Request& request) {
    const auto from = time::parse_rfc3339(query_of(request, "start_time"));
    const auto until = time::parse_rfc3339(query_of(request, "end_time"));
    std::vector<Row> found;
    for (Move& move : shown().moves(view())) {
      if ((from && move.created < *from) || (until && move.created >= *until)) continue;
      std::string id = id_of(shown().uuid(), move);
      found.push_back({std::move(id), std::move(move)});
    }
    if (query_of(request, "sort_direction") != "ASC") std::reverse(found.begin(), found.end());
    return found;
  }

  static const char* type_of(const Move& move) {
    switch (move.kind) {
      case MoveKind::kDeposit:
        return "DEPOSIT";
      case MoveKind::kWithdrawal:
        return "WITHDRAWAL";
      case MoveKind::kReward:
        return "REWARD";
      case MoveKind::kStake:
        return "STAKE";
      case MoveKind::kUnstake:
        return "UNSTAKE";
      case MoveKind::kConvert:
      case MoveKind::kConvertBack:
        break;  // not at this custodian
    }
    return "";
  }

  void write_transaction(json::Writer& writer, const Row& row) {
    const Move& move = row.move;
    const bool done = move.is_done(view().now);
    const char* status = has(CustodianFault::kNewStatus)   ? "TRANSACTION_LEVITATING"
                         : !done                           ? "TRANSACTION_PROCESSING"
                         : move.kind == MoveKind::kDeposit ? "TRANSACTION_IMPORTED"
                                                           : "TRANSACTION_DONE";
    // A correction is told by a later completion.
    const time::Instant completed = std::max(move.done, move.updated);
    writer.begin_object()
        .member("id", row.id)
        .member("wallet_id", wallet_id(move.coin))
        .member("portfolio_id", shown().uuid())
        .member("type", type_of(move))
        .member("status", status)
        .member("symbol", symbol_of(move.coin))
        .member("created_at", utc(move.created, kMillisecondDigits));
    if (done) writer.member("completed_at", utc(completed, kMillisecondDigits));
    writer.member("amount", amount(move.units, move.coin)).key("transfer_from").begin_object();
    const bool out = move.kind == MoveKind::kWithdrawal;
    writer.member("type", out ? "WALLET" : "ADDRESS")
        .member("value", out ? wallet_id(move.coin) : move.address);
    writer.member("address", out ? "" : move.address).member("account_identifier", "").end_object();
    writer.key("transfer_to").begin_object().member("type", out ? "ADDRESS" : "WALLET");
    writer.member("value", out ? move.address : wallet_id(move.coin))
        .member("address", out ? move.address : "")
        .member("account_identifier", "")
        .end_object();
    writer.member("network_fees", out ? amount(move.fee, move.coin) : "")
        .member("fees", "")
        .member("fee_symbol", out ? std::string(symbol_of(move.coin)) : "")
        .key("blockchain_ids")
        .begin_array();
    if (!move.transaction.empty()) writer.string(move.transaction);
    writer.end_array().member("transaction_id", row.id.substr(0, 8)).member("destination_symbol", "");
    writer.member("idempotency_key", move.client_id);
    if (move.kind == MoveKind::kReward) {
      writer.key("metadata").begin_object().key("reward_metadata").begin_object();
      writer.member("subtype", move.coin == Coin::kEth ? "VALIDATOR_REWARD" : "INFLATION_REWARD");
      writer.end_object().end_object();
    }
    writer.end_object();
  }

  http::Response transactions(const http::Request& request) {
    std::vector<Row> found = rows(request);
    if (request.path.find("/wallets/") != std::string::npos) {
      const auto coin = coin_of(request);
      if (!coin) return failed(404, "wallet not found");
      std::erase_if(found, [&](const Row& row) { return row.move.coin != *coin; });
    }
    const std::string type = query_of(request, "types");
    if (!type.empty()) std::erase_if(found, [&](const Row& row) { return type_of(row.move) != type; });
    return page_of(request, "transactions", found,
                   [this](json::Writer& writer, const Row& row) { write_transaction(writer, row); });
  }

  http::Response transaction(const http::Request& request) {
    for (const Row& row : rows(request)) {
      if (row.id != request.parameter("transaction")) continue;
      json::Writer writer;
      writer.begin_object().key("transaction");
      write_transaction(writer, row);
      return http::Response::json(writer.end_object().take());
    }
    return failed(404, "transaction not found");
  }

  http::Response activities(const http::Request& request) {
    std::vector<Row> found = rows(request);
    std::erase_if(found, [](const Row& row) {
      return row.move.kind == MoveKind::kDeposit || row.move.kind == MoveKind::kReward;
    });
    for (Row& row : found) row.id[0] = row.id[0] == 'f' ? 'e' : 'f';  // an id of its own
    return page_of(request, "activities", found, [this](json::Writer& writer, const Row& row) {
      const bool done = row.move.is_done(view().now);
      writer.begin_object()
          .member("id", row.id)
          .member("reference_id", id_of(shown().uuid(), row.move))
          .member("category", "ACTIVITY_CATEGORY_TRANSACTION")
          .member("type",
                  row.move.kind == MoveKind::kWithdrawal ? "ACTIVITY_TYPE_WITHDRAWAL" : "ACTIVITY_TYPE_STAKE")
          .member("status", done ? "ACTIVITY_STATUS_COMPLETED" : "ACTIVITY_STATUS_PROCESSING")
          .member("created_by", "a0000000-0000-4000-8000-000000000001")
          .key("user_actions")
          .begin_array();
      const auto act = [&](const char* action, const char* user) {
        writer.begin_object().member("action", action).member("user_id", user);
        writer.member("timestamp", utc(row.move.created, kMillisecondDigits)).end_object();
      };
      act("ACTION_INITIATE", "a0000000-0000-4000-8000-000000000001");
      act("ACTION_APPROVE", "a0000000-0000-4000-8000-000000000002");
      writer.end_array().key("transactions_metadata").begin_object().key("consensus").begin_object();
      writer.member("has_passed_consensus", true).end_object().end_object().key("symbols").begin_array();
      writer.string(symbol_of(row.move.coin)).end_array();
      writer.member("created_at", utc(row.move.created, kMillisecondDigits))
          .member("updated_at", utc(done ? row.move.done : row.move.created, kMillisecondDigits))
          .end_object();
    });
  }

  std::string validator_of(const Move& move) {
    const std::string half = crypto::sha256_hex("validator " + std::to_string(move.number));
    return "0x" + half + crypto::sha256_hex(half).substr(0, 32);
  }

  http::Response staking_status(const http::Request& request) {
    const auto coin = coin_of(request);
    if (!coin) return failed(404, "wallet not found");
    json::Writer writer;
    writer.begin_object()
        .member("portfolio_id", shown().uuid())
        .member("wallet_id", wallet_id(*coin))
        .member("wallet_address", shown().address(*coin))
        .member("current_timestamp", utc(view().now, kMillisecondDigits))
        .key("validators")
        .begin_array();
    for (const Move& move : shown().moves(view())) {
      if (move.kind != MoveKind::kStake || move.coin != *coin || move.is_done(view().now)) continue;
      writer.begin_object().member("validator_address", validator_of(move)).key("statuses").begin_array();
      writer.begin_object()
          .member("amount", amount(move.units, *coin))
          .member("stake_type", "INITIAL_DEPOSIT")
          .member("estimated_stake_date", utc(move.done, kMillisecondDigits))
          .member("estimated_hours_to_stake", 1)
          .member("requested_at", utc(move.created, kMillisecondDigits))
          .end_object();
      writer.end_array().end_object();
    }
    return http::Response::json(writer.end_array().end_object().take());
  }

  http::Response validators(const http::Request& request) {
    const auto body = json::parse(request.body);
    const json::Value* const ids = body.has_value() ? member_of(*body, "transaction_ids") : nullptr;
    if (ids == nullptr || ids->kind() != json::Kind::kArray || ids->as_array().size() > 100)
      return failed(400, "transaction_ids must be a list of at most 100");
    struct Found {
      std::string id;
      Move move;
    };
    std::vector<Found> found;
    for (const Move& move : shown().moves(view())) {
      if (move.kind != MoveKind::kStake || move.coin != Coin::kEth) continue;
      const std::string id = id_of(shown().uuid(), move);
      const bool wanted = std::any_of(
          ids->as_array().begin(), ids->as_array().end(),
          [&](const json::Value& one) { return one.kind() == json::Kind::kString && one.as_string() == id; });
      if (wanted) found.push_back({id, move});
    }
    const json::Value* const limit = member_of(*body, "limit");
    const std::string limit_text =
        limit != nullptr && limit->kind() == json::Kind::kNumber ? limit->as_number() : std::string();
    return page_of(request, "transaction_validators", found, text_member(*body, "cursor"), limit_text,
                   [this](json::Writer& writer, const Found& one) {
                     writer.begin_object()
                         .member("transaction_id", one.id)
                         .member("validator_address", validator_of(one.move))
                         .member("validator_status", one.move.is_done(view().now)
                                                         ? "VALIDATOR_STATUS_ACTIVE"
                                                         : "VALIDATOR_STATUS_PENDING")
                         .end_object();
                   });
  }

  http::Response stake(const http::Request& request) { return move_by(request, MoveKind::kStake); }
  http::Response unstake(const http::Request& request) { return move_by(request, MoveKind::kUnstake); }
  http::Response withdraw(const http::Request& request) { return move_by(request, MoveKind::kWithdrawal); }

  http::Response move_by(const http::Request& request, MoveKind kind) {
    const auto coin = coin_of(request);
    if (!coin) return failed(404, "wallet not found");
    const auto body = json::parse(request.body);
    if (body.has_error()) return failed(400, "the body is no JSON");
    const std::string idempotency_key = text_member(*body, "idempotency_key");
    if (idempotency_key.empty()) return failed(400, "idempotency_key is required");
    const json::Value* const inputs = member_of(*body, "inputs");
    std::string size = text_member(*body, "amount");
    if (size.empty() && inputs != nullptr) size = text_member(*inputs, "amount");
    if (size.empty() && kind != MoveKind::kWithdrawal) size = "32";
    std::string address;
    if (kind == MoveKind::kWithdrawal) {
      const json::Value* const destination = member_of(*body, "blockchain_address");
      address = destination == nullptr ? "" : text_member(*destination, "address");
      if (address.empty()) return failed(400, "blockchain_address.address is required");
    }
    const auto units = units_of(size, *coin);
    if (!units) return failed(400, "amount is not an amount of " + std::string(symbol_of(*coin)));
    Move move;
    const auto refused = ask(kind, *coin, *units, address, idempotency_key, move);
    if (refused == CustodianAccount::Refusal::kInsufficient) return failed(400, "insufficient balance");
    if (refused == CustodianAccount::Refusal::kRepeated && kind != MoveKind::kWithdrawal)
      return failed(400, "the idempotency key was used before");
    const std::string id = id_of(account().uuid(), move);
    json::Writer writer;
    writer.begin_object();
    if (kind == MoveKind::kWithdrawal) {
      writer.member("activity_id", "f" + id.substr(1))
          .member("symbol", symbol_of(*coin))
          .member("amount", size)
          .member("destination_type", "DESTINATION_BLOCKCHAIN")
          .member("source_type", "WALLET")
          .member("transaction_id", id);
    } else {
      writer.member("wallet_id", wallet_id(*coin))
          .member("transaction_id", id)
          .member("activity_id", "f" + id.substr(1));
    }
    return http::Response::json(writer.end_object().take());
  }
};

}  // namespace

std::unique_ptr<Custodian> make_prime_custodian(std::uint64_t seed, time::Instant start,
                                                CustodianClocks clocks, const CustodianFaultBoard& faults) {
  return std::make_unique<PrimeCustodian>("coinbase_prime", seed, start, clocks, faults);
}

}  // namespace navkeeper::sandbox
