// Crypto.com Exchange API v1, the parts of a custodian: signed POST requests below /exchange/v1/private,
// their nonces and limits, balances, transfers, journal, networks, staking. Source: the published OpenAPI
// document
// ("Exchange API v1", 2026-08) and recorded answers: trading methods answer id and code as numbers, wallet
// and staking methods as text.
#include <algorithm>

#include "common/base/bytes.h"
#include "common/crypto/digest.h"
#include "services/sandbox/custodians/crypto_com_conversions.h"
#include "services/sandbox/custodians/custodian.h"
#include "services/sandbox/venue.h"

namespace navkeeper::sandbox {
namespace {

constexpr std::string_view kRoot = "/exchange/v1/";
constexpr std::int64_t kNsAMillisecond = 1'000'000;
constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kMillisecondsMax = 100'000'000'000'000;  // a larger time is in nanoseconds
constexpr auto kNonceTolerance = time::Duration::seconds(60);
constexpr int kPriceUsd[] = {74'000, 2'900, 0};

struct Refused {
  int status;
  int code;
  const char* message;
};
constexpr Refused kBadRequest{400, 40001, "BAD_REQUEST"};
constexpr Refused kMissing{400, 40004, "MISSING_OR_INVALID_ARGUMENT"};
constexpr Refused kMethodNotFound{400, 40002, "METHOD_NOT_FOUND"};

/// "paramString" of the documents' JavaScript sample.
std::string parameter_string(const json::Value& value) {
  switch (value.kind()) {
    case json::Kind::kString:
      return value.as_string();
    case json::Kind::kNumber:
      return value.as_number();
    case json::Kind::kBoolean:
      return value.as_boolean() ? "true" : "false";
    case json::Kind::kNull:
      return "null";
    case json::Kind::kArray: {
      std::string text;
      for (const json::Value& item : value.as_array()) text += parameter_string(item);
      return text;
    }
    case json::Kind::kObject: {
      std::vector<const json::Member*> members;
      for (const json::Member& member : value.as_object()) members.push_back(&member);
      std::sort(members.begin(), members.end(), [](const auto* a, const auto* b) { return a->key < b->key; });
      std::string text;
      for (const json::Member* member : members) text += member->key + parameter_string(member->value);
      return text;
    }
  }
  return {};
}

/// A member as the client wrote it: a text, or a number.
std::string scalar(const json::Value& object, std::string_view key) {
  const json::Value* const found = object.kind() == json::Kind::kObject ? object.find(key) : nullptr;
  if (found == nullptr) return {};
  if (found->kind() == json::Kind::kString) return found->as_string();
  return found->kind() == json::Kind::kNumber ? found->as_number() : std::string();
}

std::string ms_text(time::Instant instant) { return std::to_string(instant.ns() / kNsAMillisecond); }

/// Trading methods answer with numbers where wallet and staking methods answer with texts.
bool answers_with_numbers(std::string_view method) {
  return method == "private/user-balance" || method == "private/get-transactions" ||
         method == "private/get-accounts";
}

struct Window {
  time::Instant from;
  time::Instant to;  ///< included
};

class CryptoComCustodian final : public Custodian {
 public:
  using Custodian::Custodian;

  void add_routes(http::Router& router) override {
    const auto add = [&](const char* pattern) {
      router.post(pattern, [this](const http::Request& request) { return call(request); });
    };
    add("/exchange/v1/private/{method}");
    add("/exchange/v1/private/staking/{method}");
    router.get("/exchange/v1/public/get-instruments", [](const http::Request&) {
      return http::Response::json(
          R"({"id":-1,"method":"public/get-instruments","code":0,"result":{"data":[)" + instrument("BTC") +
          "," + instrument("ETH") + "," + instrument("CRO") + "]}}");
    });
    router.post("/exchange/v1/public/staking/get-conversion-rate",
                [this](const http::Request& request) { return conversion_rate(request); });
  }

 protected:
  http::Response too_many_requests(const http::Request& request) override {
    return failed({429, 42901, "TOO_MANY_REQUESTS"}, method_of(request), "-1");
  }

 private:
  static std::string instrument(const std::string& coin) {
    return R"({"symbol":")" + coin + R"(_USD","inst_type":"CCY_PAIR","display_name":")" + coin +
           R"(/USD","base_ccy":")" + coin +
           R"(","quote_ccy":"USD","quote_decimals":4,"quantity_decimals":4,"price_tick_size":"0.0001",)"
           R"("qty_tick_size":"0.0001","max_leverage":"50","tradable":true,"expiry_timestamp_ms":0,)"
           R"("beta_product":false,"margin_buy_enabled":true,"margin_sell_enabled":true})";
  }

  static std::string method_of(const http::Request& request) {
    return request.path.size() > kRoot.size() ? request.path.substr(kRoot.size()) : std::string();
  }

  static http::Response failed(const Refused& refused, const std::string& method, const std::string& id) {
    json::Writer writer;
    writer.begin_object().member("id", id).member("method", method);
    writer.member("code", std::to_string(refused.code)).member("message", refused.message).end_object();
    return http::Response::json(writer.take(), refused.status);
  }

  http::Response call(const http::Request& request) {
    const std::string method = method_of(request);
    const auto body = json::parse(request.body);
    if (body.has_error() || body->kind() != json::Kind::kObject) return failed(kBadRequest, method, "-1");
    const std::string id = scalar(*body, "id");
    const auto refuse = [&](const Refused& refused) {
      return failed(refused, method, id.empty() ? "-1" : id);
    };
    if (scalar(*body, "method") != method) return refuse({400, 40003, "INVALID_REQUEST"});
    const json::Value* const params = body->find("params");
    const json::Value none = json::Value::object({});
    const json::Value& given = params == nullptr ? none : *params;
    if (given.kind() != json::Kind::kObject) return refuse(kBadRequest);
    const std::string nonce = scalar(*body, "nonce");
    const std::string payload = method + id + scalar(*body, "api_key") + parameter_string(given) + nonce;
    const std::string signature = base::to_hex(crypto::hmac_sha256(key().secret, payload));
    if (scalar(*body, "api_key") != key().key || scalar(*body, "sig") != signature)
      return refuse({401, 40101, "UNAUTHORIZED"});
    const auto said = whole(nonce, 0, kMillisecondsMax);
    if (!said || !is_current(time::Instant::from_ns(*said * kNsAMillisecond), kNonceTolerance))
      return refuse({400, 40102, "INVALID_NONCE"});
    if (is_repeated(id + nonce + signature)) return refuse({400, 40006, "DUPLICATE_REQUEST"});
    const bool staking = method.starts_with("private/staking/");
    if (!take(method, staking ? 50 : 3, time::Duration::milliseconds(staking ? 20 : 33)))
      return refuse({429, 42901, "TOO_MANY_REQUESTS"});
    json::Writer result;
    if (const auto refused = answer(method, given, result)) return refuse(*refused);
    const bool numbers = answers_with_numbers(method) && whole(id, 0, INT64_MAX).has_value();
    json::Writer envelope;
    envelope.begin_object().key("id");
    numbers ? envelope.number(id) : envelope.string(id);
    envelope.member("method", method).key("code");
    numbers ? envelope.number("0") : envelope.string("0");
    envelope.key("result").value(*json::parse(result.take())).end_object();
    return http::Response::json(envelope.take());
  }

  std::optional<Refused> answer(const std::string& method, const json::Value& params, json::Writer& out) {
    if (method == "private/get-accounts") return accounts(out);
    if (method == "private/user-balance") return user_balance(out);
    if (method == "private/get-deposit-history") return transfers(params, MoveKind::kDeposit, out);
    if (method == "private/get-withdrawal-history") return transfers(params, MoveKind::kWithdrawal, out);
    if (method == "private/get-transactions") return transactions(params, out);
    if (method == "private/get-currency-networks") return networks(out);
    if (method == "private/get-deposit-address") return deposit_address(params, out);
    if (method == "private/create-withdrawal") return create_withdrawal(params, out);
    if (method == "private/staking/stake") return stake(params, MoveKind::kStake, out);
    if (method == "private/staking/unstake") return stake(params, MoveKind::kUnstake, out);
    if (method == "private/staking/get-staking-position") return positions(out);
    if (method == "private/staking/get-staking-instruments") return instruments(out);
    if (method == "private/staking/get-open-stake") return stakes(params, false, out);
    if (method == "private/staking/get-stake-history") return stakes(params, true, out);
    if (method == "private/staking/get-reward-history") return rewards(params, out);
    if (method == "private/staking/get-open-convert") return conversions(params, false, out);
    if (method == "private/staking/get-convert-history") return conversions(params, true, out);
    if (method == "private/staking/convert") {
      const auto refused = convert(shown(), params, now(), out);
      return refused ? std::optional(Refused{refused->status, refused->code, refused->message})
                     : std::nullopt;
    }
    return kMethodNotFound;
  }

  std::optional<Refused> accounts(json::Writer& out) {
    out.begin_object().key("master_account").begin_object().member("uuid", shown().uuid());
    out.member("enabled", true).end_object().key("sub_account_list").begin_array().end_array().end_object();
    return std::nullopt;
  }

  std::optional<Refused> user_balance(json::Writer& out) {
    out.begin_object().key("data").begin_array().begin_object();
    out.member("instrument_name", "USD").member("total_cash_balance", "0").member("is_liquidating", false);
    out.key("position_balances").begin_array();
    std::vector<Coin> coins = listed(std::vector<Coin>(kCoins.begin(), kCoins.end()));
    for (const Coin coin : coins) {
      const Holding holding = shown().holding(coin, view());
      out.begin_object()
          .member("instrument_name", symbol_of(coin))
          .member("quantity", amount(holding.total, coin))
          .member("reserved_qty", amount(holding.reserved, coin))
          .member("max_withdrawal_balance", amount(holding.total - holding.reserved, coin))
          .member("collateral_eligible", "true")
          .member("market_value", std::to_string(kPriceUsd[static_cast<std::size_t>(coin)]))
          .member("haircut", "0.1")
          .member("collateral_amount", "0");
      if (has(CustodianFault::kNewStatus)) out.member("quantum_state", "entangled");
      out.end_object();
    }
    const std::vector<Move> moves = shown().moves(view());
    if (std::any_of(moves.begin(), moves.end(), is_conversion)) {
      const std::string liquid = amount(shown().holding(Coin::kEth, view()).liquid, Coin::kEth);
      out.begin_object()
          .member("instrument_name", kLiquidToken)
          .member("quantity", liquid)
          .member("reserved_qty", "0")
          .member("max_withdrawal_balance", liquid)
          .end_object();
    }
    out.end_array().end_object().end_array().end_object();
    return std::nullopt;
  }

  /// [start, end] of parameters in milliseconds or nanoseconds.
  std::optional<Window> window_in(const json::Value& params, const char* start, const char* end,
                                  std::int64_t default_days, bool end_included) {
    const std::int64_t now_ms = now().ns() / kNsAMillisecond;
    const auto read = [&](const char* name, std::int64_t otherwise) -> std::optional<std::int64_t> {
      const std::string text = scalar(params, name);
      if (text.empty()) return otherwise;
      auto value = whole(text, 0, INT64_MAX);
      if (value && *value > kMillisecondsMax) *value /= kNsAMillisecond;
      return value;
    };
    const auto to = read(end, now_ms);
    const auto from = read(start, (to ? *to : now_ms) - default_days * kDayMs);
    if (!from || !to) return std::nullopt;
    Window asked{time::Instant::from_ns(*from * kNsAMillisecond),
                 time::Instant::from_ns((*to - (end_included ? 0 : 1)) * kNsAMillisecond)};
    const auto before = last_window_.find(start);
    const Window shown =
        before != last_window_.end() && every_second(CustodianFault::kRepeated) ? before->second : asked;
    last_window_.insert_or_assign(start, asked);
    return shown;
  }

  std::vector<Move> moves_in(const Window& window, MoveKind kind) {
    std::vector<Move> found;
    for (Move& move : shown().moves(view())) {
      if (move.kind == kind && move.created >= window.from && move.created <= window.to)
        found.push_back(std::move(move));
    }
    std::reverse(found.begin(), found.end());  // newest first
    return found;
  }

  static std::string id_of(const Move& move) {
    return std::to_string((move.number * 8 + static_cast<std::uint64_t>(move.coin)) * 8 +
                          static_cast<std::uint64_t>(move.kind) + 3'400'000);
  }

  std::optional<Refused> transfers(const json::Value& params, MoveKind kind, json::Writer& out) {
    const auto window = window_in(params, "start_ts", "end_ts", 90, true);
    const std::string size_text = scalar(params, "page_size");
    const std::string page_text = scalar(params, "page");
    const auto size = whole(size_text.empty() ? "20" : size_text, 1, 200);
    const auto page = whole(page_text.empty() ? "0" : page_text, 0, 1'000'000);
    if (!window || !size || !page) return kMissing;
    const std::string currency = scalar(params, "currency");
    const std::string wanted = scalar(params, "status");
    std::vector<Move> moves = moves_in(*window, kind);
    std::erase_if(moves, [&](const Move& move) {
      return (!currency.empty() && symbol_of(move.coin) != currency) ||
             (!wanted.empty() && status_of(move) != wanted);
    });
    const auto begin = std::min(moves.size(), static_cast<std::size_t>(*page * *size));
    const auto end = std::min(moves.size(), begin + static_cast<std::size_t>(*size));
    const bool in = kind == MoveKind::kDeposit;
    out.begin_object().key(in ? "deposit_list" : "withdrawal_list").begin_array();
    for (const Move& move : listed(std::vector<Move>(moves.begin() + static_cast<std::ptrdiff_t>(begin),
                                                     moves.begin() + static_cast<std::ptrdiff_t>(end)))) {
      out.begin_object()
          .member("id", id_of(move))
          .member("currency", symbol_of(move.coin))
          .member("amount", amount(move.units, move.coin))
          .member("fee", amount(move.fee, move.coin))
          .member("address", move.address)
          .member("create_time", ms_text(move.created))
          .member("update_time", ms_text(move.updated))
          .member("status", status_of(move));
      if (!in) {
        out.member("client_wid", move.client_id).member("txid", move.transaction).key("network_id").null();
      }
      if (has(CustodianFault::kNewStatus)) out.member("review", "in progress");
      out.end_object();
    }
    out.end_array().end_object();
    return std::nullopt;
  }

  std::string status_of(const Move& move) const {
    const bool done = move.is_done(view().now);
    if (has(CustodianFault::kNewStatus)) return "77";
    if (move.kind == MoveKind::kDeposit) return done ? "1" : "0";
    return done ? "5" : "1";
  }

  std::optional<Refused> transactions(const json::Value& params, json::Writer& out) {
    const auto window = window_in(params, "start_time", "end_time", 1, false);
    const std::string limit_text = scalar(params, "limit");
    const auto limit = whole(limit_text.empty() ? "100" : limit_text, 1, 100);
    if (!window || !limit) return kMissing;
    struct Line {
      Move move;
      money::Int128 units;
      const char* type;
      time::Instant at;
      std::uint64_t number;
    };
    std::vector<Line> lines;
    for (const Move& move : shown().moves(view())) {
      if (!move.is_done(view().now)) continue;
      const std::uint64_t number = move.number * 64 + static_cast<std::uint64_t>(move.coin) * 8;
      if (move.kind == MoveKind::kDeposit)
        lines.push_back({move, move.units, "ONCHAIN_DEPOSIT", move.done, number});
      if (move.kind == MoveKind::kWithdrawal)
        lines.push_back({move, -(move.units + move.fee), "ONCHAIN_WITHDRAWAL", move.done, number + 1});
    }
    std::erase_if(lines, [&](const Line& line) { return line.at < window->from || line.at > window->to; });
    std::sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) { return a.at > b.at; });
    if (lines.size() > static_cast<std::size_t>(*limit)) lines.erase(lines.begin() + *limit, lines.end());
    out.begin_object().key("data").begin_array();
    for (const Line& line : listed(lines)) {
      out.begin_object()
          .member("account_id", shown().uuid())
          .member("event_date", line.at.to_string().substr(0, 10))
          .member("journal_type", has(CustodianFault::kNewStatus) ? "GALACTIC_TRANSFER" : line.type)
          .member("journal_id", std::to_string(5'755'600'000'000'000 + line.number))
          .member("transaction_qty", (line.units < 0 ? "-" : "") +
                                         amount(line.units < 0 ? -line.units : line.units, line.move.coin))
          .member("transaction_cost", "0")
          .member("realized_pnl", "0")
          .member("event_timestamp_ms", ms_text(line.at))
          .member("event_timestamp_ns", std::to_string(line.at.ns()))
          .member("client_oid", "")
          .member("taker_side", "")
          .member("instrument_name", symbol_of(line.move.coin))
          .end_object();
    }
    out.end_array().end_object();
    return std::nullopt;
  }

  std::optional<Refused> networks(json::Writer& out) {
    out.begin_object().member("update_time", ms_text(now())).key("currency_map").begin_object();
    struct Network {
      const char* coin;
      const char* name;
      const char* network;
      const char* fee;
      int confirmations;
    };
    for (const auto& network : {Network{"BTC", "Bitcoin", "BTC", "0.0001", 4},
                                {"ETH", "Ethereum", "ETH", "0.0001", 32},
                                {"CRO", "Cronos", "CRO", "0.0001", 15}}) {
      out.key(network.coin).begin_object().member("full_name", network.name).key("default_network").null();
      out.key("network_list").begin_array().begin_object();
      out.member("network_id", network.network)
          .member("withdrawal_fee", network.fee)
          .member("withdraw_enabled", true)
          .member("min_withdrawal_amount", "0.001")
          .member("deposit_enabled", true)
          .member("confirmation_required", network.confirmations);
      out.end_object().end_array().end_object();
    }
    out.end_object().end_object();
    return std::nullopt;
  }

  std::optional<Refused> deposit_address(const json::Value& params, json::Writer& out) {
    const auto coin = coin_named(scalar(params, "currency"));
    if (!coin) return Refused{500, 211, "INVALID_CURRENCY"};
    out.begin_object().key("deposit_address_list").begin_array().begin_object();
    out.member("currency", symbol_of(*coin))
        .member("create_time", "1615886328000")
        .member("id", std::to_string(1'000 + static_cast<int>(*coin)))
        .member("address", shown().address(*coin))
        .member("status", "1")
        .member("network", symbol_of(*coin));
    out.end_object().end_array().end_object();
    return std::nullopt;
  }

  std::optional<Refused> create_withdrawal(const json::Value& params, json::Writer& out) {
    const auto coin = coin_named(scalar(params, "currency"));
    const std::string address = scalar(params, "address");
    if (!coin) return Refused{500, 211, "INVALID_CURRENCY"};
    const auto units = units_of(scalar(params, "amount"), *coin);
    if (!units || address.empty()) return kMissing;
    Move move;
    const auto refused =
        ask(MoveKind::kWithdrawal, *coin, *units, address, scalar(params, "client_wid"), move);
    if (refused == CustodianAccount::Refusal::kInsufficient)
      return Refused{400, 30024, "MAX_AMOUNT_VIOLATED"};
    if (refused == CustodianAccount::Refusal::kRepeated) return Refused{400, 204, "DUPLICATE_CLORDID"};
    out.begin_object()
        .member("id", id_of(move))
        .member("amount", amount(move.units, *coin))
        .member("fee", amount(move.fee, *coin))
        .member("symbol", symbol_of(*coin))
        .member("address", move.address)
        .member("client_wid", move.client_id)
        .member("create_time", ms_text(move.created))
        .key("network_id")
        .null();
    out.end_object();
    return std::nullopt;
  }

  static std::optional<Coin> staked_coin(const std::string& instrument) {
    if (!instrument.ends_with(".staked")) return std::nullopt;
    const auto coin = coin_named(instrument.substr(0, instrument.size() - 7));
    return coin == Coin::kBtc ? std::nullopt : coin;
  }

  std::optional<Refused> stake(const json::Value& params, MoveKind kind, json::Writer& out) {
    const std::string instrument = scalar(params, "instrument_name");
    const auto coin = staked_coin(instrument);
    if (!coin) return Refused{400, 209, "INVALID_INSTRUMENT"};
    const auto units = units_of(scalar(params, "quantity"), *coin);
    if (!units) return kMissing;
    Move move;
    if (ask(kind, *coin, *units, "", "", move) != CustodianAccount::Refusal::kNothing)
      return Refused{500, 306, "INSUFFICIENT_AVAILABLE_BALANCE"};
    out.begin_object()
        .member("staking_id", id_of(move))
        .member("instrument_name", instrument)
        .member("status", "NEW")
        .member("quantity", amount(move.units, *coin))
        .member("underlying_inst_name", symbol_of(*coin))
        .member("pre_stake_charge_rate_in_bps", "0")
        .member("reason", "NO_ERROR")
        .end_object();
    return std::nullopt;
  }

  std::optional<Refused> positions(json::Writer& out) {
    out.begin_object().key("data").begin_array();
    for (const Coin coin : listed(std::vector<Coin>{Coin::kEth, Coin::kCro})) {
      const Holding holding = shown().holding(coin, view());
      out.begin_object()
          .member("instrument_name", std::string(symbol_of(coin)) + ".staked")
          .member("underlying_inst_name", symbol_of(coin))
          .member("staked_quantity", amount(holding.staked, coin))
          .member("pending_staked_quantity", amount(holding.activating, coin))
          .member("pending_unstaked_quantity", amount(holding.unbonding, coin))
          .member("reward_eligible_quantity", amount(holding.staked, coin))
          .end_object();
    }
    out.end_array().end_object();
    return std::nullopt;
  }

  std::optional<Refused> instruments(json::Writer& out) {
    out.begin_object().key("data").begin_array();
    for (const auto& [name, underlying] :
         {std::pair{"ETH.staked", "ETH"}, {"CRO.staked", "CRO"}, {"CDCETH", "ETH.staked"}}) {
      out.begin_object()
          .member("instrument_name", name)
          .member("underlying_inst_name", underlying)
          .member("reward_inst_name", underlying)
          .member("out_of_stock", false)
          .member("block_unstake", false)
          .member("est_rewards", "0.0301")
          .member("apr_y", "APR")
          .member("min_stake_amt", "0.01")
          .member("reward_frequency", "1")
          .member("lock_up_period", "0")
          .member("is_compound_reward", false)
          .member("pre_stake_charge_enable", false)
          .member("pre_stake_charge_rate_in_bps", "0")
          .member("is_restaked", false)
          .key("additional_rewards")
          .begin_array()
          .end_array()
          .end_object();
    }
    out.end_array().end_object();
    return std::nullopt;
  }

  std::optional<Window> staking_window(const json::Value& params, std::size_t& limit) {
    const auto window = window_in(params, "start_time", "end_time", 30, true);
    const std::string text = scalar(params, "limit");
    const auto given = whole(text.empty() ? "20" : text, 1, 500);
    if (!window || !given) return std::nullopt;
    limit = static_cast<std::size_t>(*given);
    return window;
  }

  std::optional<Refused> stakes(const json::Value& params, bool ended, json::Writer& out) {
    std::size_t limit = 0;
    const auto window = staking_window(params, limit);
    if (!window) return kMissing;
    std::vector<Move> found;
    for (const MoveKind kind : {MoveKind::kStake, MoveKind::kUnstake}) {
      for (Move& move : moves_in(*window, kind)) {
        if (move.is_done(view().now) == ended) found.push_back(std::move(move));
      }
    }
    if (found.size() > limit) found.resize(limit);
    out.begin_object().key("data").begin_array();
    for (const Move& move : listed(found)) {
      const bool in = move.kind == MoveKind::kStake;
      // An open unstake says UNSTAKING in the documents' own example, which their list of statuses lacks.
      const char* status = ended ? "COMPLETED" : in ? "PENDING" : "PENDING_UNSTAKING";
      out.begin_object()
          .member("instrument_name", std::string(symbol_of(move.coin)) + ".staked")
          .member("underlying_inst_name", symbol_of(move.coin))
          .member("cycle_id", "1")
          .member("staking_id", id_of(move))
          .member("status", has(CustodianFault::kNewStatus) ? "UNSTAKING" : status)
          .member("account", shown().uuid())
          .member("quantity", amount(move.units, move.coin))
          .member("side", in ? "STAKE" : "UNSTAKE")
          .member("create_timestamp_ms", ms_text(move.created))
          .end_object();
    }
    out.end_array().end_object();
    return std::nullopt;
  }

  std::optional<Refused> conversions(const json::Value& params, bool ended, json::Writer& out) {
    std::size_t limit = 0;
    const auto window = staking_window(params, limit);
    if (!window) return kMissing;
    std::vector<Move> found = moves_in(*window, MoveKind::kConvert);
    for (Move& move : moves_in(*window, MoveKind::kConvertBack)) found.push_back(std::move(move));
    std::erase_if(found, [&](const Move& move) { return move.is_done(view().now) != ended; });
    if (found.size() > limit) found.resize(limit);
    out.begin_object().key("data").begin_array();
    for (const Move& move : listed(found))
      write_conversion(out, move, std::to_string(move.number), ended ? "COMPLETED" : "NEW");
    out.end_array().end_object();
    return std::nullopt;
  }

  std::optional<Refused> rewards(const json::Value& params, json::Writer& out) {
    std::size_t limit = 0;
    const auto window = staking_window(params, limit);
    if (!window) return kMissing;
    const std::string instrument = scalar(params, "instrument_name");
    std::vector<Move> found = moves_in(*window, MoveKind::kReward);
    std::erase_if(found, [&](const Move& move) {
      return !instrument.empty() && std::string(symbol_of(move.coin)) + ".staked" != instrument;
    });
    if (found.size() > limit) found.resize(limit);
    out.begin_object().key("data").begin_array();
    for (const Move& move : listed(found)) {
      out.begin_object()
          .member("staking_inst_name", std::string(symbol_of(move.coin)) + ".staked")
          .member("underlying_inst_name", symbol_of(move.coin))
          .member("reward_inst_name", symbol_of(move.coin))
          .member("reward_quantity", amount(move.units, move.coin))
          .member("staked_balance", amount(move.staked, move.coin))
          .member("event_timestamp_ms", ms_text(move.created))
          .end_object();
    }
    out.end_array().end_object();
    return std::nullopt;
  }

  /// The parameter comes in the body, as documented, or in the query of an empty body, as some clients send
  /// it.
  http::Response conversion_rate(const http::Request& request) {
    const std::string method = method_of(request);
    std::string name;
    std::string id = "-1";
    if (const std::string* in_query = request.query_value("instrument_name")) name = *in_query;
    if (const auto body = json::parse(request.body);
        body.has_value() && body->kind() == json::Kind::kObject) {
      if (!scalar(*body, "id").empty()) id = scalar(*body, "id");
      const json::Value* const params = body->find("params");
      const std::string said = scalar(params != nullptr ? *params : *body, "instrument_name");
      if (!said.empty()) name = said;
    }
    if (name != kLiquidToken) return failed({200, 40401, "NOT_FOUND"}, method, id);
    json::Writer writer;
    writer.begin_object().member("id", id).member("method", method).member("code", "0").key("result");
    writer.begin_object()
        .member("instrument_name", name)
        .member("conversion_rate", conversion_rate_text(conversion_rate_e9(now())))
        .end_object();
    return http::Response::json(writer.end_object().take());
  }

  std::map<std::string, Window> last_window_;  ///< by the name of its first parameter
};

}  // namespace

std::unique_ptr<Custodian> make_crypto_com_custodian(std::uint64_t seed, time::Instant start,
                                                     CustodianClocks clocks,
                                                     const CustodianFaultBoard& faults) {
  return std::make_unique<CryptoComCustodian>("crypto_com", seed, start, clocks, faults);
}

}  // namespace navkeeper::sandbox
