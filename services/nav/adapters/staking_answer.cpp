#include "services/nav/adapters/staking_answer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>
#include <tuple>

#include "common/base/refuse.h"
#include "common/json/reader.h"

namespace navkeeper::nav {
namespace {

using json::ObjectReader;
using money::Decimal;

constexpr std::string_view kEthereum = "ethereum";
constexpr std::string_view kLiquid = "liquid";
constexpr std::size_t kTextBytesMax = 400;
/// Accounts whose coins lie at staking; claims and free coins have other places in the books.
constexpr std::array<std::string_view, 3> kAtStaking{"stake", "pending", "unbonding"};
constexpr std::array<std::string_view, 5> kAccounts{"stake", "pending", "unbonding", "claimable", "liquid"};
constexpr std::array<std::string_view, 5> kLosses{"penalty", "slashing", "unbonding_slashed", "deposit_lost",
                                                  "share_rate_down"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

json::Value parsed(std::string_view body) { return base::value_or_refuse(json::parse(body)); }

std::string text(ObjectReader& reader, const char* key) {
  std::string value = reader.string(key);
  if (value.empty() || value.size() > kTextBytesMax)
    base::refuse(reader.path_of(key), "must have 1 to 400 bytes");
  return value;
}

model::AssetId asset_in(ObjectReader& reader) {
  return base::value_or_refuse(model::AssetId::parse(reader.string("asset")));
}

Decimal amount_in(ObjectReader& reader, const char* key) {
  const Decimal amount = reader.decimal(key);
  if (amount.is_negative()) base::refuse(reader.path_of(key), "is negative");
  return amount;
}

std::uint64_t height_in(ObjectReader& mark) {
  const std::string digits = mark.string("height");
  std::uint64_t height = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), height);
  if (error != std::errc() || end != digits.data() + digits.size())
    base::refuse(mark.path_of("height"), "is no height");
  return height;
}

void read_state(ObjectReader reader, StakingCutOff& state) {
  state.height = height_in(reader);
  state.root = reader.optional_string("root").value_or("");
  state.at = reader.instant("at");
}

StakingCutOff state_of(ObjectReader& reading) {
  StakingCutOff state;
  state.chain = text(reading, "chain");
  state.source = text(reading, "source");
  read_state(reading.object("state"), state);
  if (!reading.boolean("finalized")) base::refuse(reading.path_of("finalized"), "a state that is not final");
  return state;
}

StakingEvent read_event(const json::Place& place) {
  ObjectReader reader(place);
  StakingEvent event;
  event.id = text(reader, "id");
  event.chain = text(reader, "chain");
  event.source = text(reader, "source");
  event.place = text(reader, "place");
  event.asset = asset_in(reader);
  event.kind = text(reader, "kind");
  event.amount = amount_in(reader, "amount");
  event.detail = reader.optional_string("type_detail").value_or("");
  StakingCutOff state;
  read_state(reader.object("state"), state);
  event.height = state.height;
  event.at = state.at;
  event.told_at = reader.instant("known_at");
  return event;
}

/// The account whose coins a position is part of, as staking's own table has it.
std::string_view account_of(std::string_view chain, std::string_view state) {
  if (state == "in_flight" || state == "pending") return "pending";
  // An exiting validator's ether stays in its balance until it is swept.
  if (chain == kEthereum && state == "unbonding") return "stake";
  if (state == "unbonding" || state == "redeeming") return "unbonding";
  if (state == "queued" || state == "active" || state == "exiting" || state == "withdrawable") return "stake";
  if (state == "claimable" || state == "liquid" || state == "contingent") return {};
  base::refuse("state", "'" + std::string(state) + "' is no state that nav knows");
}

void add_line(PeerLine& line, const std::string& kind, bool goes_in, const Decimal& amount) {
  if (is_one_of(kLosses, kind))
    line.penalties += amount;
  else if (goes_in && (kind.starts_with("reward_") || kind == "tier_bonus_paid" || kind == "share_rate_up"))
    line.rewards += amount;
  else
    (goes_in ? line.added : line.withdrawn) += amount;
}

Decimal rolled(const PeerLine& line) {
  return line.opening.value_or(Decimal{}) + line.added + line.rewards - line.withdrawn - line.penalties;
}

void add_sums(PeerLine& sum, const PeerLine& line) {
  sum.opening = sum.opening.value_or(Decimal{}) + line.opening.value_or(Decimal{});
  sum.added += line.added;
  sum.rewards += line.rewards;
  sum.withdrawn += line.withdrawn;
  sum.penalties += line.penalties;
  sum.closing += line.closing;
}

PeerLine& line_of(PeerStatement& statement, const model::AssetId& asset) {
  const auto found = std::find_if(statement.lines.begin(), statement.lines.end(),
                                  [&](const PeerLine& line) { return line.asset == asset; });
  if (found != statement.lines.end()) return *found;
  statement.lines.push_back({asset});
  statement.lines.back().opening = Decimal{};
  return statement.lines.back();
}

void check_total(PeerStatement& statement, const std::string& where, const StakingTotal& total) {
  const auto broken = [&](const char* type, const Decimal& amount, std::string detail) {
    statement.breaks.push_back({where, total.asset, type, amount, false, std::move(detail)});
  };
  const Decimal apart = total.line.closing - rolled(total.line);
  if (!apart.is_zero())
    broken(
        "does not add up", apart,
        "rolls forward to " + rolled(total.line).to_string() + ", stated " + total.line.closing.to_string());
  if (total.not_tied != 0 || !total.difference.is_zero())
    broken("not tied", total.difference,
           std::to_string(total.not_tied) + " intervals differ by " + total.difference.to_string() +
               " in all (navkeeper staking rollforward)");
  if (total.broken != 0)
    broken("not continuous", {}, std::to_string(total.broken) + " intervals do not follow the one before");
}

}  // namespace

std::vector<StakingCutOff> read_cut_offs(std::string_view body, time::Instant as_of) {
  const json::Value answer = parsed(body);
  ObjectReader reader(answer);
  std::vector<StakingCutOff> states;
  std::set<std::pair<std::string, std::string>> seen;
  for (const json::Place& place : reader.array("readings")) {
    ObjectReader reading(place);
    StakingCutOff state = state_of(reading);
    if (state.at > as_of) base::refuse(place.path, "is later than " + as_of.to_string());
    if (!seen.emplace(state.chain, state.source).second)
      base::refuse(place.path, state.source + " comes twice");
    states.push_back(std::move(state));
  }
  return states;
}

StakingPage read_staking_page(std::string_view body) {
  const json::Value answer = parsed(body);
  ObjectReader reader(answer);
  StakingPage page;
  for (const json::Place& place : reader.array("events")) page.events.push_back(read_event(place));
  page.has_more = reader.boolean("more");
  return page;
}

std::vector<StakingTotal> read_totals(std::string_view body, const std::string& source) {
  const json::Value answer = parsed(body);
  ObjectReader reader(answer);
  std::vector<StakingTotal> totals;
  std::set<std::tuple<std::string, std::string, std::string>> seen;
  for (const json::Place& place : reader.array("totals")) {
    ObjectReader row(place);
    if (row.string("source") != source) base::refuse(row.path_of("source"), "is another one");
    StakingTotal total;
    total.chain = text(row, "chain");
    total.asset = asset_in(row);
    total.account = text(row, "account");
    if (!is_one_of(kAccounts, total.account)) base::refuse(row.path_of("account"), "is none that nav knows");
    if (!seen.emplace(total.chain, total.asset.value(), total.account).second)
      base::refuse(place.path, "comes twice");
    total.line.asset = total.asset;
    total.line.opening = amount_in(row, "opening");
    for (const json::Place& one : row.array("lines")) {
      ObjectReader line(one);
      const std::string direction = line.string("direction");
      if (direction != "in" && direction != "out")
        base::refuse(line.path_of("direction"), "is neither in nor out");
      add_line(total.line, text(line, "kind"), direction == "in", amount_in(line, "amount"));
    }
    total.line.closing = amount_in(row, "closing");
    total.difference = amount_in(row, "difference");
    total.not_tied = row.integer("not_tied", 0);
    total.broken = row.integer("broken", 0);
    totals.push_back(std::move(total));
  }
  return totals;
}

StakingPositions read_staking_positions(std::string_view body, const std::string& source) {
  const json::Value answer = parsed(body);
  ObjectReader reader(answer);
  StakingPositions positions;
  std::map<std::tuple<std::string, model::AssetId, std::string>, Decimal> sums;
  for (const json::Place& place : reader.array("readings")) {
    ObjectReader reading(place);
    positions.states.push_back(state_of(reading));
    const StakingCutOff& state = positions.states.back();
    if (state.source != source) base::refuse(reading.path_of("source"), "is another one");
    for (const json::Place& one : reading.array("positions")) {
      ObjectReader position(one);
      const std::string_view account = account_of(state.chain, position.string("state"));
      const Decimal amount = amount_in(position, "amount");
      if (!account.empty()) sums[{state.chain, asset_in(position), std::string(account)}] += amount;
    }
  }
  for (const auto& [key, amount] : sums)
    positions.held.push_back({std::get<0>(key), std::get<2>(key), std::get<1>(key), amount});
  return positions;
}

std::vector<std::string> read_contradictions(std::string_view body, time::Instant since) {
  const json::Value answer = parsed(body);
  ObjectReader reader(answer);
  std::vector<std::string> found;
  for (const json::Place& place : reader.array("alerts")) {
    ObjectReader alert(place);
    const std::string kind = alert.string("kind");
    if (alert.instant("known_at") <= since) continue;
    const std::string what = alert.string("subject") + ": " + alert.string("detail");
    if (kind == kContradiction) found.push_back("told in two ways: " + what);
    if (kind == kClaimPaidAway) found.push_back("not the fund's any more: " + what);
  }
  if (reader.optional_boolean("more").value_or(false))
    found.emplace_back("staking raised more than an answer holds");
  std::sort(found.begin(), found.end());
  return found;
}

void add_illiquid(StakedIlliquid& illiquid, std::string_view body) {
  const json::Value answer = parsed(body);
  ObjectReader reader(answer);
  std::set<model::AssetId> seen;
  for (const json::Place& place : reader.array("assets")) {
    ObjectReader row(place);
    const model::AssetId asset = asset_in(row);
    if (!seen.insert(asset).second) base::refuse(row.path_of("asset"), "comes twice");
    const Decimal coins = amount_in(row, "illiquid");
    if (coins > amount_in(row, "staked")) base::refuse(row.path_of("illiquid"), "is more than is staked");
    if (!coins.is_zero()) illiquid.coins[asset] += coins;
  }
  illiquid.is_breach_open = false;
  illiquid.missing.clear();
  if (reader.is_null("breach")) return;
  ObjectReader breach = reader.object("breach");
  illiquid.is_breach_open = breach.boolean("open");
  for (const json::Place& place : breach.array("missing"))
    illiquid.missing.push_back(json::read_string(place));
}

void add_source(PeerStatement& statement, const StakingCutOff& cut_off,
                const std::vector<StakingTotal>& totals, const StakingPositions& positions) {
  for (const StakingTotal& total : totals) {
    if (total.chain != cut_off.chain) continue;
    check_total(statement, cut_off.source + "/" + total.account, total);
    // A token is in the books like any coin that is held: custody compares it.
    if (is_one_of(kAtStaking, total.account) && total.chain != kLiquid)
      add_sums(line_of(statement, total.asset), total.line);
  }
  const auto state =
      std::find_if(positions.states.begin(), positions.states.end(),
                   [&](const StakingCutOff& candidate) { return candidate.chain == cut_off.chain; });
  if (state == positions.states.end() || *state != cut_off)
    statement.unsure.push_back(cut_off.source + " no longer tells the state at " + cut_off.at.to_string() +
                               " that the books were posted to");
  std::set<std::pair<model::AssetId, std::string>> told;
  for (const StakingTotal& total : totals) {
    if (total.chain != cut_off.chain || !is_one_of(kAtStaking, total.account)) continue;
    told.emplace(total.asset, total.account);
    Decimal held;
    for (const StakingHeld& one : positions.held) {
      if (one.chain == total.chain && one.account == total.account && one.asset == total.asset)
        held = one.amount;
    }
    if (held != total.line.closing)
      statement.breaks.push_back({cut_off.source + "/" + total.account, total.asset, "not the positions",
                                  held - total.line.closing, false,
                                  "its positions hold " + held.to_string() + ", its roll-forward ends with " +
                                      total.line.closing.to_string()});
  }
  // What no roll-forward tells of stands as it was found.
  for (const StakingHeld& one : positions.held) {
    if (one.chain != cut_off.chain || one.chain == kLiquid || told.contains({one.asset, one.account}))
      continue;
    PeerLine found{one.asset};
    found.opening = one.amount;
    found.closing = one.amount;
    add_sums(line_of(statement, one.asset), found);
  }
}

}  // namespace navkeeper::nav
