#include "services/nav/adapters/indicative_service.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <thread>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/http/channel.h"
#include "common/http/problem.h"
#include "common/http/url.h"
#include "common/json/reader.h"
#include "common/log/log.h"
#include "common/time/clock.h"
#include "services/nav/adapters/fund_act_store.h"
#include "services/nav/adapters/nav_store.h"
#include "services/nav/service.h"

namespace navkeeper::nav {
namespace {

constexpr std::chrono::milliseconds kPriceTimeout{2'000};
/// The longest sleep: the clock may be stepped, and funds are added.
constexpr std::int64_t kWaitNsMax = 500'000'000;
constexpr std::int64_t kReloadNs = 30'000'000'000;

http::ClientOptions options_of(const std::string& base_url) {
  http::ClientOptions options;
  options.base_url = base_url;
  options.connect_timeout = kPriceTimeout;
  options.total_timeout = kPriceTimeout;
  return options;
}

}  // namespace

LivePriceClient::LivePriceClient(const std::string& base_url, base::Secret token)
    : client_(options_of(base_url)), token_(std::move(token)) {}

indicative::LivePrice read_live_price(std::string_view body, const std::string& asset,
                                      const std::string& index) {
  const json::Value answer = base::value_or_refuse(json::parse(body));
  json::ObjectReader reader(answer);
  if (reader.string("index") != index) base::refuse("index", "is another one");
  if (reader.string("pair") != asset + "/USD") base::refuse("pair", "is not " + asset + "/USD");
  indicative::LivePrice price{asset, std::nullopt, {}, ""};
  if (!reader.is_null("reason")) price.reason = reader.string("reason");
  if (!reader.is_null("value")) {
    price.value = reader.decimal("value");
    price.at = reader.instant("at");
  }
  return price;
}

indicative::LivePrice LivePriceClient::price(const std::string& asset, const std::string& index) {
  http::ClientRequest request;
  request.path = "/v1/rates/" + http::percent_encode(index) + "/live";
  http::set_bearer(request, token_);
  const auto without = [&](const std::string& reason) {
    return indicative::LivePrice{asset, std::nullopt, {}, reason};
  };
  try {
    const http::Response response = client_.send(request);
    http::throw_if_problem(response, request.method, "pricing");
    return read_live_price(response.body, asset, index);
  } catch (const base::Refused& refused) {
    return without("pricing has no price of " + index + ": " + refused.what());
  } catch (const std::runtime_error& failure) {  // Unavailable, Conflict, InDoubt
    return without("pricing does not answer: " + std::string(failure.what()));
  }
}

std::shared_ptr<http::Channel> IndicativeBoard::channel(const model::FundId& fund) {
  const std::lock_guard lock(mutex_);
  auto& channel = channels_[fund];
  if (!channel) channel = std::make_shared<http::Channel>();
  return channel;
}

void IndicativeBoard::show(const model::FundId& fund, const StoredIndicative& stored) {
  channel(fund)->publish(indicative_json(fund, stored));
}

struct IndicativeService::Implementation {
  Implementation(Service& given, IndicativeContext& shared, const log::Logger& to)
      : service(given),
        context(shared),
        logger(to),
        clock(*given.dependencies().clock),
        units(*given.dependencies().pool, given.store(), given.acts()),
        prices(given.dependencies().pricing_base_url, given.dependencies().pricing_token) {}

  time::Instant round() {
    const IndicativeSettings& settings = context.settings;
    const time::Instant now = clock.now();
    if (funds.empty() || now < loaded_at || (now - loaded_at).ns() > kReloadNs) {
      funds = service.store().funds();
      loaded_at = now;
    }
    time::Instant next = now + time::Duration::from_ns(kReloadNs);
    for (const StoredDefinition& stored : funds) {
      const FundDefinition& fund = stored.definition;
      const indicative::Slot slot =
          indicative::slot_at(settings.session, fund.calendar(), time::Zone::literal(fund.time_zone), now);
      if (slot.next) next = std::min(next, *slot.next);
      auto& done = last_made[fund.id];
      if (!slot.at || done == slot.at) continue;
      done = slot.at;
      make(fund, slot, now);
    }
    return next;
  }

  void make(const FundDefinition& fund, const indicative::Slot& slot, time::Instant now) {
    try {
      const MadeIndicative made = make_indicative(units, prices, fund, context.settings, slot.date, *slot.at,
                                                  [this] { return clock.now(); });
      db::Pool& pool = *service.dependencies().pool;
      if (save_indicative(pool, fund.id, made, std::max(now, clock.now()))) {
        context.board.show(fund.id, as_stored(made));
      } else if (const auto other = last_indicative(pool, fund.id, false); other && other->at == *slot.at) {
        // Another process of the service was first: whoever listens here hears the same.
        context.board.show(fund.id, *other);
      }
      if (made.value.reason != said[fund.id]) {
        said[fund.id] = made.value.reason;
        logger.info("indicative value",
                    {{"fund", fund.id.value()},
                     {"state", made.value.per_share ? std::string_view("made")
                                                    : std::string_view(made.value.reason)}});
      }
    } catch (const std::exception& failure) {
      logger.warning("indicative value not made",
                     {{"fund", fund.id.value()}, {"error", std::string_view(failure.what())}});
    }
  }

  void run() {
    std::unique_lock lock(mutex);
    while (!stopping) {
      lock.unlock();
      std::int64_t wait_ns = kWaitNsMax;
      try {
        wait_ns = (round() - clock.now()).ns();
      } catch (const std::exception& failure) {
        logger.warning("funds not read", {{"error", std::string_view(failure.what())}});
      }
      lock.lock();
      wait_ns = std::clamp<std::int64_t>(wait_ns, 1'000'000, kWaitNsMax);
      changed.wait_for(lock, std::chrono::nanoseconds(wait_ns), [this] { return stopping; });
    }
  }

  Service& service;
  IndicativeContext& context;
  const log::Logger& logger;
  const time::Clock& clock;
  StoredUnits units;
  LivePriceClient prices;
  std::vector<StoredDefinition> funds;
  time::Instant loaded_at;
  std::map<model::FundId, std::optional<time::Instant>> last_made;
  std::map<model::FundId, std::string> said;
  std::mutex mutex;  ///< guards `stopping`
  std::condition_variable changed;
  bool stopping = false;
  std::thread thread;
};

IndicativeService::IndicativeService(Service& service, IndicativeContext& context, const log::Logger& logger)
    : implementation_(std::make_unique<Implementation>(service, context, logger)) {}

IndicativeService::~IndicativeService() { stop(); }

void IndicativeService::start() {
  if (!implementation_->thread.joinable())
    implementation_->thread = std::thread([this] { implementation_->run(); });
}

void IndicativeService::stop() {
  {
    const std::lock_guard lock(implementation_->mutex);
    implementation_->stopping = true;
  }
  implementation_->changed.notify_all();
  if (implementation_->thread.joinable()) implementation_->thread.join();
}

time::Instant IndicativeService::round() { return implementation_->round(); }

}  // namespace navkeeper::nav
