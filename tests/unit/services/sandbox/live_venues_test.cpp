// Every venue adapter against the sandbox, without faults and under every fault: what was delivered is what
// was printed, nothing lost and nothing twice; books are the venue's own or not shown at all.
#include <gtest/gtest.h>

#include "tests/support/process.h"
#include "tests/unit/services/sandbox/live_rig.h"

namespace navkeeper::sandbox {
namespace {

using Kind = live::SessionNote::Kind;
using time::Duration;
constexpr auto kTrades = live::Feed::kTrades;
constexpr auto kBooks = live::Feed::kBooks;
/// Of the world: one second of ours.
constexpr auto kShort = Duration::seconds(60);
/// More than the longest silence that a session bears (a minute of the connection's clock).
constexpr auto kLong = Duration::seconds(60 * kMarketSpeed / kConnectionSpeed * 2);

/// The fault on all venues at once, then the truth of the time before, during and after it.
void expect_nothing_lost(Rig& rig, Fault kind, Duration length) {
  const time::Instant from = rig.wait_for_live();
  rig.wait_until_world_time(from + Duration::seconds(20));
  const time::Instant end = rig.fault(kind, length);
  rig.wait_until_world_time(end + Duration::seconds(20));
  rig.expect_the_truth(from, end + Duration::seconds(20));
  rig.expect_books_again(end);
}

std::size_t notes_of(const Line& line, Kind kind) { return line.sink->count(kind); }

void expect_noticed(Rig& rig, Kind kind) {
  for (const Line& line : rig.lines()) EXPECT_GE(notes_of(line, kind), 1U) << line.name();
}

TEST(LiveVenues, WithoutFaultsEveryTradeArrivesOnceAndEveryBookIsTheVenues) {
  Rig rig;
  const time::Instant from = rig.wait_for_live();
  rig.expect_the_truth(from, from + Duration::minutes(4));
  rig.expect_books_again(from + Duration::minutes(3));
  rig.expect_books_true(Market::kLevels);
  for (const Line& line : rig.lines()) {
    EXPECT_EQ(line.session->counters().refusals, 0U) << line.name();
    EXPECT_EQ(notes_of(line, Kind::kVenueError), 0U) << line.name();
  }
  for (const live::Quote& quote : rig.line(live::Venue::kLmax, kBooks).sink->quotes())
    EXPECT_LT(quote.bid, quote.ask);
}

TEST(LiveVenues, SilenceIsNoticedAndWhatWasMissedIsFetched) {
  Rig rig;
  expect_nothing_lost(rig, Fault::kSilence, kLong);
  expect_noticed(rig, Kind::kSilent);
}

TEST(LiveVenues, CutConnectionsComeBackAndWhatWasMissedIsFetched) {
  Rig rig;
  expect_nothing_lost(rig, Fault::kDisconnect, kShort);
  expect_noticed(rig, Kind::kDisconnected);
}

TEST(LiveVenues, WhatComesTwiceCountsOnce) {
  Rig rig;
  expect_nothing_lost(rig, Fault::kDuplicate, kShort);
  rig.expect_books_true(Market::kLevels);
  for (const Line& line : rig.lines()) {
    if (line.feed != kTrades) continue;
    EXPECT_GT(line.session->counters().duplicates, 0U) << line.name();
  }
}

TEST(LiveVenues, WhatComesInAnotherOrderIsWholeAndNoBookIsWrong) {
  Rig rig;
  expect_nothing_lost(rig, Fault::kReorder, kShort);
  rig.expect_books_true(10);  // Kraken's checksum covers the best ten levels.
}

TEST(LiveVenues, WhatComesLateIsWhole) {
  Rig rig;
  expect_nothing_lost(rig, Fault::kDelay, kShort);
  rig.expect_books_true(Market::kLevels);
}

TEST(LiveVenues, MessagesLeftOutAreNoticedAndFetchedEvenWhereNothingIsNumbered) {
  Rig rig;
  expect_nothing_lost(rig, Fault::kGap, kShort * 3);  // Gemini prints some five trades a minute.
  rig.expect_books_true(10);
  for (const Line& line : rig.lines()) {
    if (line.feed != kTrades) continue;
    EXPECT_TRUE(Rig::wait_until([&] { return notes_of(line, Kind::kGapFound) >= 1; })) << line.name();
  }
}

TEST(LiveVenues, GarbageOnTheWayCountsForNothingAndLosesNothing) {
  Rig rig;
  expect_nothing_lost(rig, Fault::kGarbage, kShort);
  rig.expect_books_true(10);
  expect_noticed(rig, Kind::kDisconnected);
}

TEST(LiveVenues, AHistoryThatFailsWhileTradesAreMissingIsAskedAgain) {
  Rig rig;
  const time::Instant from = rig.wait_for_live();
  rig.fault(Fault::kRestErrors, kShort);
  expect_nothing_lost(rig, Fault::kGap, kShort);
  rig.expect_the_truth(from, rig.world_clock().now());
}

TEST(LiveVenues, AVenueThatSaysTooManyRequestsIsAskedAgain) {
  Rig rig;
  rig.wait_for_live();
  rig.fault(Fault::kRateLimit, kShort);
  expect_nothing_lost(rig, Fault::kGap, kShort);
}

TEST(LiveVenues, AHaltedVenuePrintsNothingAndNoGapIsSeen) {
  Rig rig;
  const time::Instant from = rig.wait_for_live();
  const time::Instant halted = rig.world_clock().now();
  const time::Instant end = rig.fault(Fault::kHalt, Duration::seconds(120));
  rig.wait_until_world_time(end + Duration::seconds(30));
  rig.expect_the_truth(from, end + Duration::seconds(30));
  rig.expect_books_again(end);
  EXPECT_TRUE(rig.sandbox().truth(halted, end).empty());
  for (const live::Venue venue : {live::Venue::kCoinbase, live::Venue::kKraken})
    EXPECT_EQ(notes_of(rig.line(venue, kTrades), Kind::kGapFound), 0U);
}

TEST(LiveVenues, ACrossedBookIsRefusedAndRecovers) {
  Rig rig;
  expect_nothing_lost(rig, Fault::kCrossedBook, kShort);
  rig.expect_books_true(Market::kLevels);  // No crossed one is among them.
  for (const Line& line : rig.lines()) {
    if (line.feed != kBooks) continue;
    EXPECT_GE(line.session->counters().refusals + notes_of(line, Kind::kBookLost), 1U) << line.name();
  }
}

TEST(LiveVenues, WrongDecimalsAndOutliersAreDeliveredAsPrinted) {
  // A price is not the adapter's to judge: the index's screen of venues is what keeps it out of a rate.
  for (const Fault kind : {Fault::kWrongDecimals, Fault::kOutlier}) {
    Rig rig;
    expect_nothing_lost(rig, kind, kShort);
  }
}

TEST(LiveVenues, OverTlsWithAnAuthorityOfItsOwnTheTruthArrivesAndAnotherAuthorityIsNotTrusted) {
  const tests::TemporaryFolder folder;
  Rig rig({.tls_folder = folder.path().string(), .connection_speed = 5});
  const time::Instant from = rig.wait_for_live();
  // Nobody is trusted while the certificate is somebody else's, and nothing is lost for it.
  const time::Instant end = rig.fault(Fault::kUntrusted, Duration::seconds(120));
  rig.fault(Fault::kDisconnect, Duration::seconds(30));
  rig.wait_until_world_time(end + Duration::seconds(20));
  rig.expect_the_truth(from, end + Duration::seconds(20));
  rig.expect_books_again(end);
  rig.expect_books_true(Market::kLevels);
  for (const Line& line : rig.lines()) {
    const auto notes = line.sink->notes();
    EXPECT_TRUE(std::any_of(notes.begin(), notes.end(), [](const live::SessionNote& note) {
      return note.detail.find("certificate") != std::string::npos;
    })) << line.name();
  }
}

TEST(LiveVenues, OverSlowTlsTheTruthArrivesLater) {
  const tests::TemporaryFolder folder;
  Rig rig({.tls_folder = folder.path().string(), .connection_speed = 2});
  const time::Instant from = rig.wait_for_live();
  rig.fault(Fault::kDisconnect, Duration::seconds(10));
  const time::Instant end = rig.fault(Fault::kSlowTls, Duration::seconds(180));
  rig.wait_until_world_time(end + Duration::seconds(20));
  rig.expect_the_truth(from, end + Duration::seconds(20));
  rig.expect_books_again(end);
}

TEST(LiveVenues, ASessionThatDoesNotKnowTheAuthorityNeverConnects) {
  const tests::TemporaryFolder folder;
  const tests::TemporaryFolder other;
  const time::ManualClock still(time::Instant::literal("2026-03-05T20:00:00Z"));
  Sandbox stranger({.start = still.now(), .tls_folder = other.path().string()}, still, still);
  Rig rig({.tls_folder = folder.path().string(), .ca_file = stranger.ca_file()});
  for (const Line& line : rig.lines()) {
    EXPECT_TRUE(Rig::wait_until([&] { return line.sink->count(Kind::kDisconnected) >= 3; })) << line.name();
    EXPECT_EQ(line.sink->count(Kind::kConnected), 0U) << line.name();
  }
}

}  // namespace
}  // namespace navkeeper::sandbox
