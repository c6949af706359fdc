#include "common/base/ensure.h"
#include "services/pricing/adapters/settings.h"
#include "services/pricing/service.h"

namespace navkeeper::pricing {

struct LiveService::Implementation {
  Dependencies dependencies;
};

LiveService::LiveService(const Dependencies& dependencies)
    : implementation_(std::make_unique<Implementation>(Implementation{dependencies})) {
  ENSURE(dependencies.settings != nullptr && dependencies.clock != nullptr &&
         dependencies.logger != nullptr && dependencies.metrics != nullptr);
}

LiveService::~LiveService() { stop(); }

void LiveService::start() {}

void LiveService::stop() {}

}  // namespace navkeeper::pricing
