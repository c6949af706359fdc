#include "services/staking/adapters/plan_json.h"

#include <algorithm>
#include <set>

#include "common/base/refuse.h"
#include "common/json/reader.h"
#include "common/json/write.h"
#include "common/runtime/table.h"
#include "services/staking/adapters/fund_facts_json.h"
#include "services/staking/adapters/liquidity_json.h"
#include "services/staking/adapters/plan_candidates_json.h"
#include "services/staking/adapters/validator_set_json.h"

namespace navkeeper::staking {
namespace {

using json::ObjectReader;
using json::Place;
using json::Writer;
using money::Decimal;
using runtime::Align;
using runtime::Table;

constexpr std::size_t kIdLengthMax = 24;     // custody's reason has room for it and a public key
constexpr std::size_t kPlaceLengthMax = 98;  // a public key
constexpr int kDecimalsMax = 18;
constexpr int kDaysMax = 3'660;
constexpr int kSlashesMax = 1'000'000;
constexpr int kEntriesMax = 1'000;
constexpr int kSlippageBpsMax = 1'000;

/// Members of the policy that are parts of one, and amounts; each may be absent.
constexpr std::pair<const char*, Decimal plan::PlanPolicy::*> kShares[] = {
    {"commission_max", &plan::PlanPolicy::commission_max},
    {"uptime_min", &plan::PlanPolicy::uptime_min},
    {"validator_tokens_share_max", &plan::PlanPolicy::validator_tokens_share_max},
    {"validator_chain_share_max", &plan::PlanPolicy::validator_chain_share_max},
    {"fund_validator_share_max", &plan::PlanPolicy::fund_validator_share_max},
    {"fund_owner_share_max", &plan::PlanPolicy::fund_owner_share_max},
    {"native_share_max", &plan::PlanPolicy::native_share_max},
    {"liquid_share_max", &plan::PlanPolicy::liquid_share_max},
    {"issuer_share_max", &plan::PlanPolicy::issuer_share_max},
    {"staking_fee", &plan::PlanPolicy::staking_fee},
    {"sale_loss_max", &plan::PlanPolicy::sale_loss_max}};
constexpr std::pair<const char*, Decimal plan::PlanPolicy::*> kAmounts[] = {
    {"minimum", &plan::PlanPolicy::minimum},
    {"stake_fee", &plan::PlanPolicy::stake_fee},
    {"claim_fee", &plan::PlanPolicy::claim_fee}};
/// Only what is stored says which rates were read.
enum class RequestFrom { kPerson, kStore };
struct WholeMember {
  const char* name;
  int plan::PlanPolicy::*member;
  int least;
  int most;
};
constexpr WholeMember kWholes[] = {
    {"horizon_days", &plan::PlanPolicy::horizon_days, 1, kDaysMax},
    {"observed_days_min", &plan::PlanPolicy::observed_days_min, 0, kDaysMax},
    {"slashes_max", &plan::PlanPolicy::slashes_max, 0, kSlashesMax},
    {"entries_left_min", &plan::PlanPolicy::entries_left_min, 0, kEntriesMax},
    {"claim_interval_days_max", &plan::PlanPolicy::claim_interval_days_max, 1, kDaysMax}};

Decimal read_share(ObjectReader& reader, const char* key) {
  Decimal share = read_amount(reader, key);
  if (share > Decimal::of(1)) base::refuse(reader.path_of(key), "is above 1: it is a part of one");
  return share;
}

plan::PlanPolicy read_policy(ObjectReader reader) {
  plan::PlanPolicy policy;
  for (const auto& [name, member] : kShares)
    if (reader.has(name)) policy.*member = read_share(reader, name);
  for (const auto& [name, member] : kAmounts)
    if (reader.has(name)) policy.*member = read_amount(reader, name);
  for (const WholeMember& one : kWholes)
    if (const auto whole = reader.optional_integer(one.name, one.least, one.most))
      policy.*one.member = static_cast<int>(*whole);
  reader.finish();
  return policy;
}

std::string read_place(ObjectReader& reader, const char* key, std::set<std::string>& seen) {
  std::string place = reader.string(key);
  if (place.empty() || place.size() > kPlaceLengthMax)
    base::refuse(reader.path_of(key), "must have 1 to " + std::to_string(kPlaceLengthMax) + " characters");
  if (std::any_of(place.begin(), place.end(), [](unsigned char c) { return c <= ' ' || c > '~'; }))
    base::refuse(reader.path_of(key), "has a character that is no visible ASCII");
  if (!seen.insert(place).second) base::refuse(reader.path_of(key), "comes twice");
  return place;
}

std::optional<Decimal> optional_amount(ObjectReader& reader, const char* key) {
  if (!reader.has(key)) return std::nullopt;
  return read_amount(reader, key);
}
std::optional<Decimal> optional_share(ObjectReader& reader, const char* key) {
  if (!reader.has(key)) return std::nullopt;
  return read_share(reader, key);
}
std::optional<int> optional_count(ObjectReader& reader, const char* key, int most) {
  const auto count = reader.optional_integer(key, 0, most);
  return count ? std::optional(static_cast<int>(*count)) : std::nullopt;
}

Desk read_desk(ObjectReader& reader) {
  Desk desk{reader.optional_string("custodian").value_or(""), reader.optional_string("account").value_or("")};
  if (desk.custodian.empty() && !desk.account.empty())
    base::refuse(reader.path_of("account"), "needs a custodian");
  return desk;
}

AskedValidator read_validator(const Place& from, std::set<std::string>& seen,
                              std::map<std::string, Desk>& desks) {
  ObjectReader reader(from);
  AskedValidator one;
  one.place = read_place(reader, "place", seen);
  one.owner = reader.optional_string("owner");
  one.tokens = optional_amount(reader, "tokens");
  one.gross_rate = optional_amount(reader, "gross_rate");
  one.commission = optional_share(reader, "commission");
  one.uptime = optional_share(reader, "uptime");
  one.slashes = optional_count(reader, "slashes", kSlashesMax);
  one.observed_days = optional_count(reader, "observed_days", kDaysMax);
  one.slash_fraction = optional_share(reader, "slash_fraction");
  one.jailed = reader.optional_boolean("jailed");
  one.tombstoned = reader.optional_boolean("tombstoned");
  if (reader.has("custodian") || reader.has("account")) desks.emplace(one.place, read_desk(reader));
  reader.finish();
  return one;
}

/// Of a token that a custodian makes of staked coins; any other one people buy.
void read_token_desk(ObjectReader& reader, const std::string& token, PlanRequest& request) {
  TokenDesk from{read_desk(reader), {}, 0};
  const auto rate = optional_amount(reader, "expected_rate");
  const auto slippage = reader.optional_integer("slippage_bps", 0, kSlippageBpsMax);
  if (from.desk.custodian.empty()) {
    if (rate || slippage) base::refuse(reader.path_of("custodian"), "is missing: a rate is agreed with one");
    return;
  }
  if (request.asset().value() != "ETH" || token != "CDCETH")
    base::refuse(reader.path_of("custodian"), "no custodian's API makes " + token + " of " +
                                                  request.asset().value() + ": it is bought by hand");
  if (rate && !rate->is_positive()) base::refuse(reader.path_of("expected_rate"), "is not positive");
  from.expected_rate = rate;
  from.slippage_bps = static_cast<int>(slippage.value_or(0));
  request.token_desks.emplace(token, std::move(from));
}

plan::TokenCandidate read_token(const Place& from, std::set<std::string>& seen, PlanRequest& request,
                                RequestFrom origin) {
  ObjectReader reader(from);
  plan::TokenCandidate one;
  one.token = read_place(reader, "token", seen);
  one.issuer = reader.optional_string("issuer").value_or("");
  if (const auto rate = optional_amount(reader, "net_rate"))
    one.net_rate = *rate;
  else
    request.tokens_unrated.insert(one.token);
  if (origin == RequestFrom::kStore && reader.has("net_rate_read"))
    request.token_rates_read[one.token] = reader.string("net_rate_read");
  if (reader.has("purchase_cost")) one.purchase_cost = read_share(reader, "purchase_cost");
  if (reader.has("sale_loss")) one.sale_loss = read_share(reader, "sale_loss");
  if (const auto days = reader.optional_integer("days_to_free", 0, kDaysMax))
    one.days_to_free = static_cast<int>(*days);
  read_token_desk(reader, one.token, request);
  reader.finish();
  return one;
}

template <class T>
void write_said(Writer& writer, const char* key, const std::optional<T>& said) {
  if (said) writer.member(key, *said);
}

void write_asked(Writer& writer, const PlanRequest& request) {
  writer.key("validators").begin_array();
  for (const AskedValidator& one : request.candidates.validators) {
    writer.begin_object().member("place", one.place);
    write_said(writer, "owner", one.owner);
    write_said(writer, "tokens", one.tokens);
    write_said(writer, "gross_rate", one.gross_rate);
    write_said(writer, "commission", one.commission);
    write_said(writer, "uptime", one.uptime);
    write_said(writer, "slashes", one.slashes);
    write_said(writer, "observed_days", one.observed_days);
    write_said(writer, "slash_fraction", one.slash_fraction);
    write_said(writer, "jailed", one.jailed);
    write_said(writer, "tombstoned", one.tombstoned);
    if (const auto desk = request.desks.find(one.place); desk != request.desks.end())
      writer.member("custodian", desk->second.custodian).member("account", desk->second.account);
    writer.end_object();
  }
  writer.end_array();
}

void write_request(Writer& writer, const PlanRequest& request) {
  writer.begin_object()
      .member("id", request.id)
      .member("asset", request.asset().value())
      .member("decimals", request.decimals);
  if (!request.candidates.source.empty()) writer.member("source", request.candidates.source);
  if (request.candidates.gross_rate) writer.member("gross_rate", *request.candidates.gross_rate);
  if (!request.desk.custodian.empty())
    writer.member("custodian", request.desk.custodian).member("account", request.desk.account);
  if (request.native_days) writer.member("native_days", *request.native_days);
  if (!request.chain_bonded.is_zero()) writer.member("chain_bonded", request.chain_bonded);
  if (request.place_most) writer.member("place_most", *request.place_most);
  writer.key("policy").begin_object();
  for (const auto& [name, member] : kShares) writer.member(name, request.policy.*member);
  for (const auto& [name, member] : kAmounts) writer.member(name, request.policy.*member);
  for (const WholeMember& one : kWholes) writer.member(one.name, request.policy.*one.member);
  writer.end_object();
  if (request.candidates.validators_named) write_asked(writer, request);
  writer.key("tokens").begin_array();
  for (const plan::TokenCandidate& one : request.tokens) {
    writer.begin_object()
        .member("token", one.token)
        .member("issuer", one.issuer)
        .member("net_rate", one.net_rate)
        .member("purchase_cost", one.purchase_cost)
        .member("sale_loss", one.sale_loss);
    if (one.days_to_free) writer.member("days_to_free", *one.days_to_free);
    if (const auto read = request.token_rates_read.find(one.token); read != request.token_rates_read.end())
      writer.member("net_rate_read", read->second);
    if (const auto desk = request.token_desks.find(one.token); desk != request.token_desks.end()) {
      const TokenDesk& from = desk->second;
      writer.member("custodian", from.desk.custodian).member("account", from.desk.account);
      if (from.expected_rate) writer.member("expected_rate", *from.expected_rate);
      writer.member("slippage_bps", from.slippage_bps);
    }
    writer.end_object();
  }
  writer.end_array();
  if (!request.tokens_held.empty()) {
    writer.key("tokens_held").begin_array();
    for (const HeldToken& one : request.tokens_held)
      writer.begin_object()
          .member("token", one.token)
          .member("issuer", one.issuer)
          .member("coins", one.coins)
          .end_object();
    writer.end_array();
  }
  writer.key("redemptions").begin_array();
  for (const plan::ExpectedRedemption& one : request.redemptions)
    writer.begin_object().member("days", one.days).member("coins", one.coins).end_object();
  writer.end_array();
  if (request.redelegate) {
    writer.member("redelegate", true).key("redelegations_read").begin_array();
    for (const plan::RunningRedelegation& one : request.redelegations_read)
      writer.begin_object()
          .member("delegator", one.delegator)
          .member("from", one.from)
          .member("to", one.to)
          .end_object();
    writer.end_array();
  }
  writer.end_object();
}

std::string_view describe_kind(plan::Placement::Kind kind) {
  return kind == plan::Placement::Kind::kNative ? "native" : "token";
}

void write_names(Writer& writer, const char* key, const std::vector<std::string>& names) {
  writer.key(key).begin_array();
  for (const std::string& name : names) writer.string(name);
  writer.end_array();
}

/// "yes", "no", or the limits that it is tied with; a plan of before names none.
std::string binds_text(const json::Value& limit) {
  if (!limit.find("binds")->as_boolean()) return "no";
  const json::Value* const tied = limit.find("tied_with");
  if (tied == nullptr || tied->as_array().empty()) return "yes";
  std::string names;
  for (const json::Value& name : tied->as_array())
    names += (names.empty() ? "with " : ", ") + name.as_string();
  return names;
}

void write_claim(Writer& writer, const char* key, const plan::ClaimChoice& choice, int decimals) {
  writer.key(key)
      .begin_object()
      .member("interval_days", choice.interval_days)
      .member("claims", choice.claims)
      .member("net", Decimal::of(choice.net(), decimals))
      .end_object();
}

void write_test(Writer& writer, const char* key, const liquidity::LiquidityTest& test) {
  writer.key(key)
      .begin_object()
      .member("standing", liquidity::describe(test.standing))
      .member("illiquid", test.illiquid)
      .member("illiquid_share", test.illiquid_share.to_quotient_string())
      .member("readily_share", test.readily_share.to_quotient_string())
      .end_object();
}

void write_moves(Writer& writer, const std::vector<plan::Move>& moves) {
  writer.key("moves").begin_array();
  for (const plan::Move& one : moves) {
    writer.begin_object()
        .member("way", plan::describe(one.way))
        .member("delegator", one.delegator)
        .member("from", one.from)
        .member("to", one.to)
        .member("amount", one.amount)
        .member("net_rate_from", one.rate_from)
        .member("net_rate_to", one.rate_to)
        .member("gain", one.gain);
    if (!one.why.empty()) writer.member("why", one.why);
    writer.end_object();
  }
  writer.end_array();
}

void write_step(Writer& writer, const StoredStep& stored) {
  const PlanStep& step = stored.step;
  writer.begin_object()
      .member("step", step.number)
      .member("kind", describe_kind(step.placement.kind))
      .member("act", step.act == PlanStep::Act::kConvert ? "convert" : "stake")
      .member("place", step.placement.place)
      .member("amount", step.placement.amount)
      .member("custodian", step.desk.custodian)
      .member("account", step.desk.account)
      .member("movement", step.movement_id)
      .member("state", step.movement_id.empty() ? std::string_view("by_hand")
                       : stored.state()         ? describe(*stored.state())
                                                : std::string_view("not_submitted"));
  writer.key("history").begin_array();
  for (const StepEvent& event : stored.events)
    writer.begin_object()
        .member("state", describe(event.state))
        .member("at", event.known_at.to_string())
        .member("actor", event.actor)
        .member("detail", event.detail)
        .end_object();
  writer.end_array().end_object();
}

void write_plan(Writer& writer, const StoredPlan& plan) {
  writer.begin_object()
      .member("id", plan.request.id)
      .member("asset", plan.request.asset().value())
      .member("nav_date", plan.inputs.facts.date.to_string())
      .member("inputs_hash", plan.inputs_hash)
      .member("proposed_by", plan.proposed_by)
      .member("known_at", plan.known_at.to_string())
      .member("plan", base::value_or_refuse(json::parse(plan.answer)))
      .key("steps")
      .begin_array();
  for (const StoredStep& step : plan.steps) write_step(writer, step);
  writer.end_array().end_object();
}

}  // namespace

namespace {

PlanRequest read_request(const json::Value& value, RequestFrom origin) {
  ObjectReader reader(value);
  PlanRequest request;
  request.id = reader.string("id");
  if (const auto broken = model::broken_name_rule(request.id, "a plan's id", ""))
    base::refuse(reader.path_of("id"), broken->rule);
  if (request.id.size() > kIdLengthMax)
    base::refuse(reader.path_of("id"), "is longer than " + std::to_string(kIdLengthMax) + " characters");
  CandidateQuestion& candidates = request.candidates;
  candidates.asset = read_name<model::AssetId>(reader, "asset");
  candidates.source = reader.optional_string("source").value_or("");
  candidates.gross_rate = optional_amount(reader, "gross_rate");
  request.desk = read_desk(reader);
  request.decimals = static_cast<int>(reader.integer("decimals", 0, kDecimalsMax));
  if (const auto days = reader.optional_integer("native_days", 0, kDaysMax))
    request.native_days = static_cast<int>(*days);
  if (reader.has("chain_bonded")) request.chain_bonded = read_amount(reader, "chain_bonded");
  if (reader.has("place_most")) {
    request.place_most = read_amount(reader, "place_most");
    if (request.place_most->is_zero()) base::refuse(reader.path_of("place_most"), "is not positive");
  }
  if (auto policy = reader.optional_object("policy")) request.policy = read_policy(*policy);
  std::set<std::string> seen;
  candidates.validators_named = reader.has("validators");
  for (const Place& place : reader.optional_array("validators"))
    candidates.validators.push_back(read_validator(place, seen, request.desks));
  for (const Place& place : reader.optional_array("tokens"))
    request.tokens.push_back(read_token(place, seen, request, origin));
  if (origin == RequestFrom::kStore) {
    for (const Place& place : reader.optional_array("tokens_held")) {
      ObjectReader row(place);
      request.tokens_held.push_back({row.string("token"), row.string("issuer"), row.decimal("coins")});
      row.finish();
    }
  }
  if (candidates.validators_named && candidates.validators.empty() && request.tokens.empty())
    base::refuse(reader.path_of("validators"), "names nobody to place coins with");
  for (const Place& place : reader.optional_array("redemptions")) {
    ObjectReader row(place);
    request.redemptions.push_back(
        {static_cast<int>(row.integer("days", 0, kDaysMax)), read_amount(row, "coins")});
    row.finish();
  }
  request.redelegate = reader.optional_boolean("redelegate").value_or(false);
  if (origin == RequestFrom::kStore) {
    for (const Place& place : reader.optional_array("redelegations_read")) {
      ObjectReader row(place);
      request.redelegations_read.push_back({row.string("delegator"), row.string("from"), row.string("to")});
      row.finish();
    }
  }
  reader.finish();
  return request;
}

}  // namespace

PlanRequest read_plan_request(const json::Value& value) { return read_request(value, RequestFrom::kPerson); }

std::string plan_inputs_text(const LiquidityInputs& inputs, const std::optional<ValidatorSet>& validators,
                             const PlanRequest& request) {
  Writer writer;
  writer.begin_object()
      .member("liquidity", base::value_or_refuse(json::parse(inputs_text(inputs))))
      .key("request");
  write_request(writer, request);
  if (validators) {
    writer.key("validator_set");
    write_validator_set(writer, *validators);
  }
  writer.end_object();
  return json::to_canonical(base::value_or_refuse(json::parse(writer.take())));
}

PlanInputs read_plan_inputs(const json::Value& value) {
  ObjectReader reader(value);
  const Place inputs = reader.value("liquidity");
  const Place request = reader.value("request");
  PlanInputs read{read_inputs(inputs.value), {}, read_request(request.value, RequestFrom::kStore)};
  if (const auto set = reader.optional_value("validator_set")) read.validators = read_validator_set(*set);
  reader.finish();
  return read;
}

std::string made_plan_text(const PlanRequest& request, const std::optional<ValidatorSet>& validators,
                           const MadePlan& made) {
  const plan::StakingPlan& plan = made.plan;
  Writer writer;
  writer.begin_object()
      .member("horizon_days", request.policy.horizon_days)
      .member("placed", plan.placed)
      .member("stays_free", plan.stays_free)
      .member("net_yield", plan.net_yield)
      .member("fees", plan.fees)
      .member("proven_gap", plan.proven_gap)
      .member("redemption_shortfall", plan.redemption_shortfall)
      .key("placements")
      .begin_array();
  for (const plan::Placement& one : plan.placements)
    writer.begin_object()
        .member("kind", describe_kind(one.kind))
        .member("place", one.place)
        .member("owner", one.owner)
        .member("amount", one.amount)
        .member("net_rate", one.net_rate)
        .end_object();
  writer.end_array().key("limits").begin_array();
  for (const plan::ShownLimit& one : plan.limits) {
    writer.begin_object()
        .member("limit", one.name)
        .member("most", one.most)
        .member("used", one.used)
        .member("binds", one.binds)
        .member("yield_given_up", one.yield_given_up);
    write_names(writer, "tied_with", one.tied_with);
    write_names(writer, "places", one.places);
    writer.end_object();
  }
  writer.end_array().member("limits_complete", plan.limits_complete).key("excluded").begin_array();
  for (const plan::Excluded& one : plan.excluded)
    writer.begin_object().member("place", one.place).member("reason", one.reason).end_object();
  writer.end_array();
  if (request.redelegate) write_moves(writer, made.moves);
  writer.key("claims").begin_object();
  write_claim(writer, "best", plan.claims.best, plan.decimals);
  write_claim(writer, "daily", plan.claims.daily, plan.decimals);
  write_claim(writer, "at_most", plan.claims.at_most, plan.decimals);
  writer.end_object();
  write_candidates(writer, request, validators, made);
  write_test(writer, "before", made.before);
  write_test(writer, "after", made.after);
  return writer.end_object().take();
}

std::string plan_json(const StoredPlan& plan) {
  Writer writer;
  write_plan(writer, plan);
  return writer.take();
}

std::string plans_json(const std::vector<StoredPlan>& plans) {
  Writer writer;
  writer.begin_object().key("plans").begin_array();
  for (const StoredPlan& plan : plans) write_plan(writer, plan);
  return writer.end_array().end_object().take();
}

std::string plan_table(const StoredPlan& plan) {
  const json::Value answer = base::value_or_refuse(json::parse(plan.answer));
  const auto text = [](const json::Value& object, const char* key) { return object.find(key)->as_string(); };
  std::string shown =
      "plan " + plan.request.id + " of " + plan.known_at.to_string() + " by " + plan.proposed_by +
      ", from the NAV of " + plan.inputs.facts.date.to_string() + "\nplaced " + text(answer, "placed") + " " +
      plan.request.asset().value() + ", stays free " + text(answer, "stays_free") + ", net yield over " +
      std::to_string(plan.request.policy.horizon_days) + " days " + text(answer, "net_yield") +
      ", nothing within the limits yields more than " + text(answer, "proven_gap") + " above it\n";
  Table steps({{"step", Align::kRight},
               {"place"},
               {"amount", Align::kRight},
               {"custodian"},
               {"movement"},
               {"state"},
               {"detail"}});
  for (const StoredStep& stored : plan.steps)
    steps.row({std::to_string(stored.step.number), stored.step.placement.place,
               stored.step.placement.amount.to_string(), stored.step.desk.custodian, stored.step.movement_id,
               stored.step.movement_id.empty() ? "by hand"
               : stored.state()                ? std::string(describe(*stored.state()))
                                               : "not submitted",
               stored.events.empty() ? "" : stored.events.back().detail});
  shown += "\n" + steps.to_string();
  if (const json::Value* const moves = answer.find("moves"); moves != nullptr && !moves->as_array().empty()) {
    Table table(
        {{"move"}, {"from"}, {"to"}, {"amount", Align::kRight}, {"gain", Align::kRight}, {"delegator"}});
    for (const json::Value& one : moves->as_array())
      table.row({text(one, "way"), text(one, "from"), text(one, "to"), text(one, "amount"), text(one, "gain"),
                 text(one, "delegator")});
    shown += "\n" + table.to_string();
  }
  Table limits({{"limit"},
                {"most", Align::kRight},
                {"used", Align::kRight},
                {"binds"},
                {"yield given up", Align::kRight}});
  for (const json::Value& one : answer.find("limits")->as_array())
    limits.row({text(one, "limit"), text(one, "most"), text(one, "used"), binds_text(one),
                text(one, "yield_given_up")});
  if (limits.rows() > 0) shown += "\n" + limits.to_string();
  const json::Value* const complete = answer.find("limits_complete");
  if (complete != nullptr && !complete->as_boolean())
    shown +=
        "There was too much to compute to try every limit: those that bind give up at least so much, others "
        "may bind too.\n";
  Table excluded({{"excluded"}, {"because"}});
  for (const json::Value& one : answer.find("excluded")->as_array())
    excluded.row({text(one, "place"), text(one, "reason")});
  if (excluded.rows() > 0) shown += "\n" + excluded.to_string();
  return shown;
}

std::string plans_table(const std::vector<StoredPlan>& plans) {
  if (plans.empty())
    return "There is no plan yet: navkeeper staking plan propose FUND FILE.json --as MAKER\n";
  Table table({{"plan"},
               {"asset"},
               {"placed", Align::kRight},
               {"net yield", Align::kRight},
               {"proposed by"},
               {"at"},
               {"steps"}});
  for (const StoredPlan& plan : plans) {
    const json::Value answer = base::value_or_refuse(json::parse(plan.answer));
    const auto proposed = std::count_if(plan.steps.begin(), plan.steps.end(), [](const StoredStep& step) {
      return step.state() == StepState::kProposed;
    });
    table.row({plan.request.id, plan.request.asset().value(), answer.find("placed")->as_string(),
               answer.find("net_yield")->as_string(), plan.proposed_by, plan.known_at.to_string(),
               std::to_string(proposed) + " of " + std::to_string(plan.steps.size()) + " proposed"});
  }
  return table.to_string();
}

}  // namespace navkeeper::staking
