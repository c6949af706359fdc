#include "services/nav/adapters/indicative_settings.h"

namespace navkeeper::nav {
namespace {

constexpr int kSecondsMax = 3600;

void read_time(runtime::TomlReader& reader, const char* key, time::TimeOfDay& time) {
  const auto text = reader.optional_string(key);
  if (!text) return;
  const auto parsed = time::TimeOfDay::parse(*text);
  if (!parsed) reader.refuse(key, "is not a time HH:MM");
  time = *parsed;
}

}  // namespace

IndicativeSettings read_indicative_settings(runtime::TomlReader nav) {
  IndicativeSettings settings;
  if (auto reader = nav.optional_table("indicative")) {
    read_time(*reader, "opens", settings.session.opens);
    read_time(*reader, "closes", settings.session.closes);
    if (settings.session.closes <= settings.session.opens) reader->refuse("closes", "is not after opens");
    settings.session.every_seconds = static_cast<int>(
        reader->optional_integer("every_seconds", 1, kSecondsMax).value_or(settings.session.every_seconds));
    if (const auto age = reader->optional_integer("price_age_max_seconds", 1, kSecondsMax))
      settings.price_age_max = time::Duration::seconds(*age);
    if (const auto pattern = reader->optional_string("index_pattern")) settings.index_pattern = *pattern;
    reader->finish();
  }
  nav.finish();
  return settings;
}

}  // namespace navkeeper::nav
