#pragma once
// A second implementation of `books compute`, written as plainly as the contract reads and with integers as
// wide as they get: the tests replay the same events through both. It shares no code with the real books.
#include <boost/multiprecision/cpp_int.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace navkeeper::tests {

using Big = boost::multiprecision::cpp_int;
using Fields = std::map<std::string, std::string>;

/// One event as words and numbers in text.
struct PlainEvent {
  std::string date;
  std::string kind;
  Fields fields;                   ///< everything but date, event, components
  std::vector<Fields> components;  ///< asset, quantity, value
};
std::string to_json_line(const PlainEvent& event);

struct PlainLot {
  Big quantity;
  Big cost;
};

struct PlainFlow {
  Big quantity, cost, value;
};

/// Cents and smallest units throughout.
struct PlainBooks {
  std::string sale_rule = "fifo";
  std::string in_kind_rule = "fifo";
  std::map<std::string, int> decimals;
  std::map<std::string, std::vector<PlainLot>> lots;  ///< oldest first
  std::map<std::string, std::string> prices;
  std::map<std::string, Big> payable;
  std::map<std::string, Big> gains;
  std::map<std::string, Big> income;
  std::map<std::string, std::map<std::string, PlainFlow>> flows;  ///< asset, cause
  struct Strike {
    std::string date;
    Big net_assets, shares;
  };
  std::vector<Strike> strikes;
  Big cash = 0;
  Big shares = 0;
  std::string last_date;

  /// False, and nothing changed, when the contract refuses the event.
  bool apply(const PlainEvent& event);
  Big held(const std::string& asset) const;
  Big cost(const std::string& asset) const;
  /// Nothing where a holding is unpriced.
  std::optional<Big> value(const std::string& asset) const;
  std::optional<Big> net_assets() const;

 private:
  bool try_apply(const PlainEvent& event);
  bool dispose(const Fields& coins, const std::string& rule, const std::string& cause, const Big& value);
  void acquire(const Fields& coins, const std::string& cause, const Big& value);
};

/// "12.5" with 2 decimals is 1250; it must fit.
Big scaled(const std::string& text, int decimals);
/// The other way round, without trailing zeros.
std::string plain(const Big& units, int decimals);
/// net_assets (cents) / shares, cut after 21 decimals.
std::string per_share(const Big& net_assets, const Big& shares);

/// A fund's life of about `length` events that the plain books accept, from `random`; where `bad_last` is
/// set, the last event is one that they refuse (if any came up).
std::vector<PlainEvent> random_life(std::mt19937_64& random, int length, bool& bad_last);

}  // namespace navkeeper::tests
