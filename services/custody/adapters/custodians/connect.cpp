#include "services/custody/adapters/custodians/connect.h"

#include "services/custody/adapters/custodians/crypto_com_source.h"
#include "services/custody/adapters/custodians/prime_source.h"

namespace navkeeper::custody {

std::unique_ptr<CustodianConnection> make_custodian(const CustodianSettings& settings,
                                                    Credentials credentials, Transport transport,
                                                    Evidence& evidence, const time::Clock& clock, Sleep sleep,
                                                    Chance chance, CallerLimits limits) {
  switch (settings.protocol) {
    case CustodianProtocol::kCryptoCom:
      return std::make_unique<CryptoComSource>(settings, std::move(credentials), std::move(transport),
                                               evidence, clock, std::move(sleep), std::move(chance), limits);
    case CustodianProtocol::kCoinbasePrime:
      return std::make_unique<PrimeSource>(settings, std::move(credentials), std::move(transport), evidence,
                                           clock, std::move(sleep), std::move(chance), limits);
  }
  return nullptr;
}

std::unique_ptr<CustodianConnection> connect_custodian(const CustodianSettings& settings, Evidence& evidence,
                                                       const time::Clock& clock, SharedPace pace) {
  const bool prime = settings.protocol == CustodianProtocol::kCoinbasePrime;
  const std::string url = !settings.base_url.empty() ? settings.base_url : prime ? kPrimeUrl : kCryptoComUrl;
  Credentials credentials = read_credentials(settings.credentials_file, prime);
  CallerLimits limits;
  limits.asking_max = time::Duration::seconds(std::int64_t{2} * settings.timeout_seconds);
  limits.shared_wait =
      [pace = std::move(pace), key = std::string(describe(settings.protocol)) + " " + credentials.key](
          const std::string& bucket, const TokenBucket& rate) { return pace(key, bucket, rate); };
  return make_custodian(settings, std::move(credentials),
                        http_transport(url, settings.ca_file, std::chrono::seconds(settings.timeout_seconds)),
                        evidence, clock, thread_sleep(), random_chance(), std::move(limits));
}

SyncSettings sync_settings_of(const CustodianSettings& settings) {
  SyncSettings asking;
  asking.history = time::Duration::hours(24 * std::int64_t{settings.history_days});
  asking.gone = settings.gone;
  return asking;
}

}  // namespace navkeeper::custody
