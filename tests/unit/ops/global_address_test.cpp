#include "ops/global_address.hpp"

#include <gtest/gtest.h>

#include <string>

namespace leadhub::ops {
namespace {

TEST(GlobalAddress, KnowsAddressesThatNoStrangerReaches) {
  for (const std::string address : {"127.0.0.1",     "0.0.0.0",
                                    "10.1.2.3",      "100.64.0.1",
                                    "169.254.1.1",   "172.31.255.255",
                                    "192.168.0.1",   "192.0.2.1",
                                    "198.19.0.1",    "203.0.113.9",
                                    "224.0.0.1",     "255.255.255.255",
                                    "::1",           "::",
                                    "fe80::1",       "fc00::1",
                                    "ff02::1",       "2001:db8::1",
                                    "2002:7f00:1::", "::ffff:93.184.216.34",
                                    "nonsense",      ""})
    EXPECT_FALSE(is_global_address(address)) << address;
  for (const std::string address : {"9.9.9.9", "100.128.0.1", "172.32.0.1", "198.20.0.1", "223.255.255.255",
                                    "2606:4700:4700::1111", "2a00:1450::1", "2001:4860:4860::8888"})
    EXPECT_TRUE(is_global_address(address)) << address;
}

}  // namespace
}  // namespace leadhub::ops
