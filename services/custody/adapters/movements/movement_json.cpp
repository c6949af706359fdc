#include "services/custody/adapters/movements/movement_json.h"

#include "common/base/refuse.h"
#include "common/json/reader.h"
#include "common/json/write.h"
#include "common/runtime/input_file.h"

namespace navkeeper::custody {
namespace {

using json::ObjectReader;

constexpr std::size_t kFileBytesMax = std::size_t{64} << 10;
constexpr std::int64_t kSecondsMax = std::int64_t{366} * 86'400;
constexpr std::int64_t kPriceAgeDaysRead = 1'000;
constexpr std::int64_t kSlippageBpsRead = 10'000;
constexpr std::int64_t kNsASecond = 1'000'000'000;

model::AssetId asset_in(ObjectReader& reader) {
  auto asset = model::AssetId::parse(reader.string("asset"));
  if (asset.has_error()) base::refuse(reader.path_of("asset"), asset.error().rule);
  return *std::move(asset);
}

void require(const base::Checked<void>& checked) {
  if (checked.has_error()) throw base::Refused(checked.error());
}

MovementKind kind_in(ObjectReader& reader, const char* key) {
  const auto kind = parse_movement_kind(reader.string(key));
  if (!kind) base::refuse(reader.path_of(key), "must be withdrawal, stake, unstake or convert");
  return *kind;
}

model::Role role_in(ObjectReader& reader) {
  const auto role = model::parse_role(reader.string("role"));
  if (!role) base::refuse(reader.path_of("role"), "must be maker, service or approver");
  return *role;
}

MovementLimit read_limit(const json::Place& place) {
  ObjectReader reader(place);
  MovementLimit limit;
  limit.asset = asset_in(reader);
  limit.kind = kind_in(reader, "movement");
  limit.role = role_in(reader);
  limit.per_movement = reader.decimal("per_movement");
  limit.per_day = reader.decimal("per_day");
  limit.per_person_day = reader.optional_decimal("per_person_day");
  reader.finish();
  return limit;
}

DollarTerms read_dollars(const json::Place& place) {
  ObjectReader reader(place);
  DollarTerms terms;
  terms.act = reader.string("act");
  terms.basis = reader.string("basis");
  terms.price_age_days = static_cast<int>(reader.integer("price_age_days", 0, kPriceAgeDaysRead));
  for (const json::Place& one : reader.array("limits")) {
    ObjectReader limit(one);
    DollarLimit read{kind_in(limit, "movement"), role_in(limit), limit.decimal("per_movement"),
                     limit.decimal("per_day")};
    limit.finish();
    terms.limits.push_back(std::move(read));
  }
  reader.finish();
  return terms;
}

MovementPolicy read_policy(ObjectReader& reader) {
  MovementPolicy policy;
  policy.id = reader.string("id");
  policy.cooling_off = time::Duration::seconds(reader.integer("cooling_off_seconds", 0, kSecondsMax));
  policy.lapses_after = time::Duration::seconds(reader.integer("lapses_after_seconds", 0, kSecondsMax));
  for (const json::Place& place : reader.array("limits")) policy.limits.push_back(read_limit(place));
  if (const auto dollars = reader.optional_value("dollars")) policy.dollars = read_dollars(*dollars);
  reader.finish();
  return policy;
}

Destination read_destination(ObjectReader& reader) {
  Destination destination;
  destination.id = reader.string("id");
  destination.name = reader.string("name");
  destination.asset = asset_in(reader);
  destination.network = reader.optional_string("network").value_or("");
  destination.address = reader.string("address");
  destination.address_tag = reader.optional_string("address_tag").value_or("");
  reader.finish();
  return destination;
}

std::string canonical(json::Writer& writer) {
  return json::to_canonical(base::value_or_refuse(json::parse(writer.take())));
}

struct WriteRule {
  json::Writer& out;

  void operator()(const MovementPolicy& policy) const {
    out.member("cooling_off_seconds", policy.cooling_off.ns() / kNsASecond)
        .member("lapses_after_seconds", policy.lapses_after.ns() / kNsASecond)
        .key("limits")
        .begin_array();
    for (const MovementLimit& limit : policy.limits) {
      out.begin_object()
          .member("asset", limit.asset.value())
          .member("movement", describe(limit.kind))
          .member("role", model::describe(limit.role))
          .member("per_movement", limit.per_movement)
          .member("per_day", limit.per_day);
      if (limit.per_person_day) out.member("per_person_day", *limit.per_person_day);
      out.end_object();
    }
    out.end_array();
    if (!policy.dollars) return;
    out.key("dollars")
        .begin_object()
        .member("act", policy.dollars->act)
        .member("basis", policy.dollars->basis)
        .member("price_age_days", policy.dollars->price_age_days)
        .key("limits")
        .begin_array();
    for (const DollarLimit& limit : policy.dollars->limits)
      out.begin_object()
          .member("movement", describe(limit.kind))
          .member("role", model::describe(limit.role))
          .member("per_movement", limit.per_movement)
          .member("per_day", limit.per_day)
          .end_object();
    out.end_array().end_object();
  }
  void operator()(const Destination& destination) const {
    out.member("name", destination.name)
        .member("asset", destination.asset.value())
        .member("network", destination.network)
        .member("address", destination.address)
        .member("address_tag", destination.address_tag);
  }
};

}  // namespace

const std::string& MovementRule::id() const {
  return std::visit([](const auto& one) -> const std::string& { return one.id; }, terms);
}
std::string_view MovementRule::kind() const {
  return std::holds_alternative<MovementPolicy>(terms) ? "policy" : "destination";
}

MovementRule read_movement_rule(const json::Value& value) {
  MovementRule rule = read_stored_rule(value);
  if (const auto* policy = std::get_if<MovementPolicy>(&rule.terms)) require(check_policy(*policy));
  if (const auto* destination = std::get_if<Destination>(&rule.terms))
    require(check_destination(*destination));
  return rule;
}

MovementRule read_stored_rule(const json::Value& value) {
  ObjectReader reader(value);
  const std::string kind = reader.string("kind");
  if (kind == "policy") return {read_policy(reader)};
  if (kind == "destination") return {read_destination(reader)};
  base::refuse(reader.path_of("kind"), "must be policy or destination");
}

Movement read_movement(const json::Value& value) {
  ObjectReader reader(value);
  Movement movement;
  movement.kind = kind_in(reader, "kind");
  movement.id = reader.string("id");
  movement.custodian = reader.string("custodian");
  movement.account = reader.optional_string("account").value_or("");
  movement.asset = asset_in(reader);
  movement.amount = reader.decimal("amount");
  movement.destination = reader.optional_string("destination").value_or("");
  movement.reason = reader.string("reason");
  if (movement.kind == MovementKind::kConvert)
    movement.conversion = Conversion{reader.string("into"), reader.decimal("expected_rate"),
                                     reader.integer("slippage_bps", 0, kSlippageBpsRead)};
  reader.finish();
  require(check_movement(movement));
  return movement;
}

std::string rule_content(const MovementRule& rule) {
  json::Writer out;
  out.begin_object().member("kind", rule.kind()).member("id", rule.id());
  std::visit(WriteRule{out}, rule.terms);
  out.end_object();
  return canonical(out);
}

std::string movement_content(const Movement& movement) {
  json::Writer out;
  out.begin_object()
      .member("kind", describe(movement.kind))
      .member("id", movement.id)
      .member("custodian", movement.custodian)
      .member("account", movement.account)
      .member("asset", movement.asset.value())
      .member("amount", movement.amount);
  if (movement.kind == MovementKind::kWithdrawal) out.member("destination", movement.destination);
  if (movement.conversion)
    out.member("into", movement.conversion->into)
        .member("expected_rate", movement.conversion->expected_rate)
        .member("slippage_bps", movement.conversion->slippage_bps);
  out.member("reason", movement.reason).end_object();
  return canonical(out);
}

json::Value read_proposal_file(const std::string& path) {
  auto value = json::parse(runtime::read_input_file(path, kFileBytesMax));
  if (value.has_error()) throw base::Refused(value.error().within(path));
  return *std::move(value);
}

}  // namespace navkeeper::custody
