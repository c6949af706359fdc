#include "services/pricing/adapters/book_feed.h"

namespace navkeeper::pricing {
namespace {

venues::LiveVenueOptions options_of(const VenueSettings& settings) {
  venues::LiveVenueOptions options;
  options.socket_base = settings.books_socket_base;
  options.rest_base = settings.books_rest_base;
  options.tls.ca_file = settings.ca_file;
  return options;
}

}  // namespace

BookFeed::BookFeed(const VenueSettings& settings, LiveIndex& index, const time::Clock& clock,
                   const log::Logger& logger)
    : name_(venues::name_of(settings.venue)),
      protocol_(venues::make_protocol(settings.venue, venues::Feed::kBooks, settings.instruments)),
      sink_(settings.venue, settings.instruments, index, clock, logger),
      venue_(*protocol_, sink_, clock, options_of(settings)) {}

}  // namespace navkeeper::pricing
