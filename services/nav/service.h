#pragma once
// The nav service as the executable wires it.
#include <functional>
#include <memory>
#include <string>

#include "common/base/secret.h"
#include "common/model/actor.h"

namespace navkeeper::db {
class Pool;
struct KeyedRequest;
}  // namespace navkeeper::db
namespace navkeeper::http {
class Router;
struct Request;
}  // namespace navkeeper::http
namespace navkeeper::runtime {
class Command;
struct CommandContext;
}  // namespace navkeeper::runtime
namespace navkeeper::time {
class Clock;
}

namespace navkeeper::nav {

struct NavPorts;
class NavStore;
class PostgresActStore;
class PostgresCompositionStore;
class PostgresDealingStore;
class PostgresFactStore;
class PostgresNavLifeStore;
class PostgresNavStore;
class PostgresRepricingStore;
struct StakingPorts;

/// What the service needs from outside itself. Everything named here must outlive what uses it.
struct Dependencies {
  db::Pool* pool = nullptr;      ///< as nav's own role
  std::string pricing_base_url;  ///< "http://127.0.0.1:4711"; asked only when a rate is needed
  base::Secret pricing_token;    ///< by which pricing knows us; empty: none is sent
  const time::Clock* clock = nullptr;
  /// Who acts, by the name given with --as and its token; throws base::Refused when nobody proven was named.
  /// Called only by what changes something.
  std::function<model::Actor()> actor;
  /// Told why something takes longer than it should; may be null.
  std::function<void(const std::string&)> note{};
  /// Called after a batch: keeps the heads of nav's audit chains outside the database. Gives what is wrong
  /// with the chains, "" when nothing is; may be null.
  std::function<std::string()> keep_audit_heads{};
  /// Where custody is asked for its reconciliations, "" where there is none to ask; asked when the first one
  /// is wanted. Null: no custody.
  std::function<std::string()> custody_url{};
  std::function<base::Secret()> custody_token{};
  /// Where staking is asked for its events and roll-forwards, likewise.
  std::function<std::string()> staking_url{};
  std::function<base::Secret()> staking_token{};
};

/// The use cases on their real adapters: the store in PostgreSQL, the books, pricing over HTTP.
class Service {
 public:
  explicit Service(Dependencies dependencies);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  NavPorts ports();
  /// Unavailable where there is no staking service to ask.
  StakingPorts staking_ports();
  NavStore& store();
  /// A store whose one effect carries the request's idempotency key.
  PostgresNavStore keyed_store(const db::KeyedRequest& request);
  PostgresActStore& acts();
  PostgresFactStore& facts();
  PostgresDealingStore& dealing();
  PostgresNavLifeStore& life();
  PostgresCompositionStore& compositions();
  PostgresRepricingStore& repricings();
  const Dependencies& dependencies() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// Adds `nav`, `fund`, `distribution`, `action`, `orders`, `basket` and `participants`. `connect` is called
/// by the commands that need the database, when they run, and what it gives must live until the program ends;
/// without one those commands refuse. `nav compute` never calls it.
void add_commands(runtime::Command& root, runtime::CommandContext& context,
                  std::function<Dependencies()> connect = nullptr);

/// GET /v1/funds, /v1/funds/{fund}, /v1/funds/{fund}/navs[/{date}[/explain]]; POST
/// .../navs/{date}/{strike|approve|override|publish|restate}; distributions, actions and facts of a fund
/// (adapters/policy_routes.cpp); orders, baskets and participants (adapters/dealing_routes.cpp).
/// `authenticate` gives who sent a request, or throws http::ProblemError.
void register_routes(http::Router& router, Service& service,
                     std::function<model::Actor(const http::Request&)> authenticate);

}  // namespace navkeeper::nav
