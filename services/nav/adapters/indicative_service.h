#pragma once
// IndicativeService: while nav is served it makes each fund's indicative value at every moment of the
// session, stores it, then shows it: what was seen is in the store. A moment that has passed is not made up
// for.
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "common/base/secret.h"
#include "common/http/client.h"
#include "services/nav/adapters/indicative_store.h"

namespace navkeeper::http {
class Channel;
}
namespace navkeeper::log {
class Logger;
}

namespace navkeeper::nav {

class Service;

/// GET /v1/rates/{index}/live of the pricing service.
class LivePriceClient final : public LivePriceSource {
 public:
  LivePriceClient(const std::string& base_url, base::Secret token);
  indicative::LivePrice price(const std::string& asset, const std::string& index) override;

 private:
  http::Client client_;
  base::Secret token_;
};

/// The price in an answer's body. Throws base::Refused for what is no answer about that index and a pair of
/// the asset against the dollar.
indicative::LivePrice read_live_price(std::string_view body, const std::string& asset,
                                      const std::string& index);

/// Who watches a fund's indicative value in this process.
class IndicativeBoard {
 public:
  std::shared_ptr<http::Channel> channel(const model::FundId& fund);
  void show(const model::FundId& fund, const StoredIndicative& stored);

 private:
  std::mutex mutex_;
  std::map<model::FundId, std::shared_ptr<http::Channel>> channels_;
};

/// What the routes and the service of one process share.
struct IndicativeContext {
  IndicativeSettings settings;
  IndicativeBoard board;
};

class IndicativeService {
 public:
  /// All of them must outlive it.
  IndicativeService(Service& service, IndicativeContext& context, const log::Logger& logger);
  ~IndicativeService();  ///< stops
  IndicativeService(const IndicativeService&) = delete;
  IndicativeService& operator=(const IndicativeService&) = delete;

  void start();
  void stop();
  /// One look at the clock: every fund whose moment has come is made, stored and shown. Until when there is
  /// nothing to do.
  time::Instant round();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace navkeeper::nav
