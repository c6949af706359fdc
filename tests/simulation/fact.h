#pragma once
// What the simulated fund's books are told, and the small world in which it happens.
#include <array>
#include <cstddef>
#include <string>

#include "services/nav/domain/books/books.h"

namespace navkeeper::simulation {

namespace books = nav::books;
using money::Int128;

struct Coin {
  const char* symbol;
  int decimals;
};
inline constexpr std::array kCoins{Coin{"BTC", 8}, Coin{"ETH", 18}, Coin{"CRO", 8}};
/// The second name has bytes that an account's name cannot hold as they are.
inline constexpr std::array kFees{"management fee", "audit: 2026/27 (50%)"};
inline constexpr std::array kSources{"consensus", "execution layer"};

constexpr Int128 unit_of(std::size_t coin) {
  Int128 unit = 1;
  for (int i = 0; i < kCoins[coin].decimals; ++i) unit *= 10;
  return unit;
}

/// An event with what a journal adds to it.
struct Fact {
  books::Event event;
  books::Source source;
  time::Date book_date;
  time::Date settlement_date;
  time::Instant known_at;
};

/// All that the fact says, except when we learned it: equal texts are the same fact.
std::string content_of(const Fact& fact);

}  // namespace navkeeper::simulation
