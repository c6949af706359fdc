#pragma once
// The portfolio composition file of a day, kept as it was published: what participants were told is served
// byte for byte ever after, whatever the basket would be if it were computed today.
#include <string>
#include <vector>

#include "services/nav/app/dealing.h"

namespace navkeeper::nav {

struct Composition {
  explicit Composition(model::ActorId by) : published_by(std::move(by)) {}
  time::Date trade_date;
  int number = 1;  ///< of the day, from 1
  bool is_estimate = true;
  time::Date nav_date;
  int nav_version = 1;
  std::string content;  ///< JSON
  std::string content_hash;
  std::string csv;
  std::string csv_hash;
  model::ActorId published_by;
  time::Instant published_at;
};

class CompositionStore {
 public:
  virtual ~CompositionStore() = default;
  /// By number.
  virtual std::vector<Composition> compositions(const model::FundId& fund, time::Date trade_date) = 0;
  /// False when the day has the same file already. Refused: an estimate after the final one.
  virtual bool add_composition(const DayBasket& day, const ActStamp& stamp) = 0;
};

/// Role operator or approver. Publishes the day's basket as it stands: an estimate by the NAV before, final
/// by the day's own; that NAV must be published. False when that was done before.
bool publish_basket(const DealingPorts& ports, CompositionStore& compositions, const model::FundId& fund,
                    time::Date date, const Acting& acting);

/// After a NAV was published: the final file of its day, where the fund deals. Gives why that was refused;
/// empty otherwise. Done twice it changes nothing.
std::string publish_final_basket(const DealingPorts& ports, CompositionStore& compositions,
                                 const model::FundId& fund, time::Date date, const Acting& acting);

}  // namespace navkeeper::nav
