#pragma once
// RealTimeService: while the service is served it follows the configured venues' order books, makes each
// index's value at every full second, stores it, and then shows it. What is not stored is not shown, so a
// replay reproduces whatever anybody saw, a killed process included; and what could not be shown within
// `publish_within` of its second is not shown as a value but as late.
#include <memory>

#include "services/pricing/service.h"

namespace navkeeper::pricing {

class RealTimeService {
 public:
  /// Needs all that LiveService needs, and a board.
  explicit RealTimeService(const Dependencies& dependencies);
  ~RealTimeService();  ///< stops
  RealTimeService(const RealTimeService&) = delete;
  RealTimeService& operator=(const RealTimeService&) = delete;

  void start();
  void stop();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace navkeeper::pricing
