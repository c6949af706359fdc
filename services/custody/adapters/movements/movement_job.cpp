#include <algorithm>
#include <map>
#include <set>

#include "common/base/ensure.h"
#include "common/log/log.h"
#include "common/runtime/repeated_job.h"
#include "common/time/clock.h"
#include "services/custody/adapters/custodians/instructions.h"
#include "services/custody/adapters/movements/movement_store.h"
#include "services/custody/adapters/movements/price_desk.h"
#include "services/custody/adapters/pace_store.h"
#include "services/custody/app/advance_movements.h"
#include "services/custody/service.h"

namespace navkeeper::custody {
namespace {

constexpr const char* kActor = "navkeeper";
constexpr std::chrono::milliseconds kBetweenPasses{2'000};
/// Looked for again after a tenth of the time that passed since its last state, within these.
constexpr auto kLookMin = time::Duration::seconds(5);
constexpr auto kLookMax = time::Duration::minutes(10);
constexpr std::int64_t kLookPart = 10;

}  // namespace

/// No lease: whoever writes a movement's next state goes on with it, whoever comes second does nothing.
struct MovementJob::Implementation {
  explicit Implementation(const Dependencies& given)
      : dependencies(given),
        store(*given.pool),
        prices(given.pricing_url, given.pricing_token),
        job(
            kBetweenPasses, [this] { pass(); },
            [this](const std::string& what) {
              dependencies.logger->warning("custody movements", {{"detail", what}});
            }) {}

  Dependencies dependencies;
  PostgresMovementStore store;
  PriceDesk prices;
  std::map<std::string, std::unique_ptr<ConnectedInstructions>> custodians;
  std::map<std::string, time::Instant> looked;  ///< by fund and movement
  runtime::RepeatedJob job;

  bool is_due(const model::FundId& fund, const StoredMovement& movement) {
    const time::Instant now = dependencies.clock->now();
    time::Instant& last =
        looked.try_emplace(fund.value() + " " + movement.movement.id, time::Instant::earliest())
            .first->second;
    const auto part = time::Duration::from_ns((now - standing_of(movement.events).since).ns() / kLookPart);
    if (last != time::Instant::earliest() && now - last < std::clamp(part, kLookMin, kLookMax)) return false;
    last = now;
    return true;
  }

  void pass() {
    std::set<model::FundId> funds;
    for (const CustodianSettings& custodian : dependencies.settings->custodians) funds.insert(custodian.fund);
    for (const model::FundId& fund : funds) {
      const MovementPorts ports{
          store,
          [&](const std::string& name) -> CustodianInstructions& {
            return instructions_of(*dependencies.settings, fund, name, *dependencies.clock,
                                   shared_pace(*dependencies.pool), custodians);
          },
          *dependencies.clock,
          {},
          [&](const StoredMovement& movement) { return is_due(fund, movement); },
          [&](const StoredMovement& movement, time::Date today) {
            return prices.price(movement.movement.asset, movement.dollar_cap->terms, today);
          }};
      for (const MovementLine& line : advance_movements(ports, fund, kActor)) {
        if (line.what.empty()) continue;
        dependencies.logger->write(
            line.needs_person || line.is_unavailable ? log::Level::kWarning : log::Level::kInfo, "movement",
            {{"fund", fund.value()},
             {"id", line.id},
             {"state", describe(line.state)},
             {"detail", line.what}});
      }
    }
  }
};

MovementJob::MovementJob(const Dependencies& dependencies)
    : implementation_(std::make_unique<Implementation>(dependencies)) {
  ENSURE(dependencies.pool != nullptr && dependencies.clock != nullptr && dependencies.logger != nullptr &&
         dependencies.settings != nullptr);
}

MovementJob::~MovementJob() { stop(); }

void MovementJob::start() {
  if (implementation_->dependencies.settings->custodians.empty()) return;
  implementation_->job.start();
}

void MovementJob::stop() { implementation_->job.stop(); }

}  // namespace navkeeper::custody
