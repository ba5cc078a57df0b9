// SPDX-License-Identifier: Apache-2.0
#include "base/give_way.h"

#include <sys/resource.h>
#include <unistd.h>

namespace vigie::base {

void GiveWay() {
  constexpr int kNice = 10;
  static_cast<void>(setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice));
}

}  // namespace vigie::base
