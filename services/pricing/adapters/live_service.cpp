#include <optional>

#include "common/base/ensure.h"
#include "common/time/steady_clock.h"
#include "services/pricing/adapters/real_time_service.h"
#include "services/pricing/adapters/settings.h"
#include "services/pricing/adapters/tape_collector.h"
#include "services/pricing/adapters/tape_store.h"
#include "services/pricing/service.h"

namespace navkeeper::pricing {

struct LiveService::Implementation {
  explicit Implementation(const Dependencies& given)
      : dependencies(given),
        tape(*given.pool),
        collector(given.settings->venues,
                  {tape, *given.clock, connection_clock, *given.logger, *given.metrics, given.venue_clocks},
                  limits_of(*given.settings)),
        real_time(given) {}

  static CollectorLimits limits_of(const Settings& settings) {
    CollectorLimits limits;
    if (settings.resume_hours) limits.resume_max = time::Duration::hours(*settings.resume_hours);
    return limits;
  }

  Dependencies dependencies;
  time::SteadyClock connection_clock;
  SqlTapeStore tape;
  TapeCollector collector;
  RealTimeService real_time;
};

LiveService::LiveService(const Dependencies& dependencies) {
  ENSURE(dependencies.pool != nullptr && dependencies.settings != nullptr && dependencies.clock != nullptr &&
         dependencies.logger != nullptr && dependencies.metrics != nullptr);
  implementation_ = std::make_unique<Implementation>(dependencies);
}

LiveService::~LiveService() { stop(); }

void LiveService::start() {
  implementation_->collector.start();
  implementation_->real_time.start();
}

void LiveService::stop() {
  implementation_->real_time.stop();
  implementation_->collector.stop();
}

}  // namespace navkeeper::pricing
