#include "services/staking/adapters/plan_store.h"

#include "common/base/bytes.h"
#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/db/audit.h"
#include "common/db/errors.h"
#include "common/db/outbox.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"
#include "services/staking/adapters/plan_json.h"

namespace navkeeper::staking {
namespace {

constexpr db::TransactionOptions kReading{db::Isolation::kRepeatableRead, true, {}, {}, {}};

void announce(db::Transaction& transaction, const model::FundId& fund, const std::string& kind,
              const std::string& body, const std::string& actor, time::Instant at) {
  db::append_event(transaction, fund.value(), {0, kind, body, at.ns()});
  db::append_audit(transaction, fund.value(), {actor, at.ns(), kind, body});
}

PlanStep step_of(const pqxx::row& row) {
  PlanStep step;
  step.number = row["step"].as<int>();
  step.placement.kind = row["kind"].as<std::string>() == "native" ? plan::Placement::Kind::kNative
                                                                  : plan::Placement::Kind::kToken;
  step.placement.place = row["place"].as<std::string>();
  step.placement.amount = row["amount"].as<money::Decimal>();
  step.desk = {row["custodian"].as<std::string>(), row["account"].as<std::string>()};
  step.movement_id = row["movement_id"].as<std::string>();
  step.act = row["act"].as<std::string>() == "convert" ? PlanStep::Act::kConvert : PlanStep::Act::kStake;
  step.expected_rate = db::optional_of<money::Decimal>(row["expected_rate"]);
  step.slippage_bps = row["slippage_bps"].as<int>();
  return step;
}

std::vector<StoredStep> load_steps(db::Transaction& transaction, const model::FundId& fund,
                                   const std::string& id) {
  std::vector<StoredStep> steps;
  for (const auto& row :
       db::query(transaction, "SELECT * FROM plan_step WHERE fund_id = $1 AND plan_id = $2 ORDER BY step",
                 fund, id))
    steps.push_back({step_of(row), {}});
  for (const auto& row : db::query(
           transaction,
           "SELECT * FROM plan_step_state WHERE fund_id = $1 AND plan_id = $2 ORDER BY step, seq", fund, id))
    steps.at(row["step"].as<std::size_t>() - 1)
        .events.push_back({*parse_step_state(row["state"].as<std::string>()), row["detail"].as<std::string>(),
                           row["actor"].as<std::string>(), row["known_at_ns"].as<time::Instant>()});
  return steps;
}

std::vector<StoredPlan> load_plans(db::Transaction& transaction, const model::FundId& fund,
                                   const std::string& id, time::Instant known_at) {
  std::vector<StoredPlan> found;
  for (const auto& row : db::query(transaction,
                                   "SELECT * FROM plan WHERE fund_id = $1 AND ($2 = '' OR plan_id = $2) AND"
                                   " known_at_ns <= $3 ORDER BY known_at_ns DESC, plan_id",
                                   fund, id, known_at)) {
    auto [inputs, validators, request] =
        read_plan_inputs(base::value_or_refuse(json::parse(row["inputs"].as<std::string>())));
    StoredPlan plan{std::move(inputs),
                    std::move(validators),
                    std::move(request),
                    base::to_hex(row["inputs_hash"].as<base::Bytes>()),
                    row["answer"].as<std::string>(),
                    row["proposed_by"].as<std::string>(),
                    row["known_at_ns"].as<time::Instant>(),
                    {}};
    plan.steps = load_steps(transaction, fund, plan.request.id);
    found.push_back(std::move(plan));
  }
  return found;
}

std::string fact_of(const model::FundId& fund, const StoredPlan& plan) {
  json::Writer writer;
  writer.begin_object()
      .member("asset", plan.request.asset().value())
      .member("fund", fund.value())
      .member("id", plan.request.id)
      .member("inputs_hash", plan.inputs_hash)
      .member("steps", static_cast<std::int64_t>(plan.steps.size()))
      .end_object();
  return writer.take();
}

}  // namespace

PostgresPlanStore PostgresPlanStore::keyed(const db::KeyedRequest& request) const {
  PostgresPlanStore store(pool_);
  store.request_ = request;
  return store;
}

void PostgresPlanStore::save(const model::FundId& fund, const LiquidityInputs& inputs,
                             const std::optional<ValidatorSet>& validators, const PlanRequest& request,
                             const MadePlan& made, const std::string& actor) {
  const std::string text = plan_inputs_text(inputs, validators, request);
  const auto digest = crypto::sha256(text);
  const std::string answer = made_plan_text(request, validators, made);
  pool_.transact([&](db::Transaction& transaction) {
    db::write_once(transaction, request_, [&](db::Transaction&) {
      const std::size_t is_new = db::execute(
          transaction,
          "INSERT INTO plan (fund_id, plan_id, asset, inputs, inputs_hash, answer, proposed_by, known_at_ns)"
          " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
          fund, request.id, request.asset(), text, base::Bytes(digest.begin(), digest.end()), answer, actor,
          inputs.now);
      if (is_new == 0)
        throw base::Conflict("plan " + request.id + " of " + fund.value() +
                             " was proposed before: give the new one another id");
      for (const PlanStep& step : made.steps)
        db::execute(
            transaction,
            "INSERT INTO plan_step (fund_id, plan_id, step, kind, place, custodian, account, amount,"
            " movement_id, act, expected_rate, slippage_bps) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,"
            " $10, $11, $12)",
            fund, request.id, step.number,
            step.placement.kind == plan::Placement::Kind::kNative ? "native" : "token", step.placement.place,
            step.desk.custodian, step.desk.account, step.placement.amount, step.movement_id,
            step.act == PlanStep::Act::kConvert ? "convert" : "stake", step.expected_rate, step.slippage_bps);
      const StoredPlan stored = load_plans(transaction, fund, request.id, time::Instant::latest()).front();
      announce(transaction, fund, "staking.plan_proposed", fact_of(fund, stored), actor, inputs.now);
      return plan_json(stored);
    });
  });
}

std::optional<StoredPlan> PostgresPlanStore::find(const model::FundId& fund, const std::string& id) {
  return pool_.transact(
      [&](db::Transaction& transaction) -> std::optional<StoredPlan> {
        if (id.empty()) return std::nullopt;
        auto found = load_plans(transaction, fund, id, time::Instant::latest());
        if (found.empty()) return std::nullopt;
        return std::move(found.front());
      },
      kReading);
}

std::vector<StoredPlan> PostgresPlanStore::plans(const model::FundId& fund, time::Instant known_at) {
  return pool_.transact(
      [&](db::Transaction& transaction) { return load_plans(transaction, fund, "", known_at); }, kReading);
}

bool PostgresPlanStore::add(const model::FundId& fund, const std::string& plan, const StoredStep& step,
                            const StepEvent& event) {
  const int seq = static_cast<int>(step.events.size()) + 1;
  std::optional<int> previous;
  std::optional<std::string> previous_state;
  if (seq > 1) {
    previous = seq - 1;
    previous_state = std::string(describe(*step.state()));
  }
  return pool_.transact([&](db::Transaction& transaction) {
    const std::size_t is_new = db::execute(
        transaction,
        "INSERT INTO plan_step_state (fund_id, plan_id, step, seq, previous, previous_state, state, detail,"
        " actor, known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        " ON CONFLICT (fund_id, plan_id, step, seq) DO NOTHING",
        fund, plan, step.step.number, seq, previous, previous_state, describe(event.state), event.detail,
        event.actor, event.known_at);
    if (is_new == 0) return false;
    json::Writer writer;
    writer.begin_object()
        .member("detail", event.detail)
        .member("fund", fund.value())
        .member("id", plan)
        .member("movement", step.step.movement_id)
        .member("state", describe(event.state))
        .member("step", step.step.number)
        .end_object();
    announce(transaction, fund, "staking.plan_step", writer.take(), event.actor, event.known_at);
    return true;
  });
}

}  // namespace navkeeper::staking
