// SPDX-License-Identifier: Apache-2.0
#include "oversight/draw_view.h"

namespace vigie::oversight {

vigie::v1::DrawResponse DescribeStratum(const engine::Draw& draw, size_t stratum,
                                        double minimum_response_ratio) {
  const auto& part = draw.draw().strata(static_cast<int>(stratum));
  vigie::v1::DrawResponse row;
  row.set_draw_id(draw.draw().draw_id());
  row.set_stratum(part.name());
  row.mutable_response()->set_successes(draw.returned[stratum]);
  row.mutable_response()->set_trials(part.sample_count());
  row.set_counted(draw.Counts(stratum, minimum_response_ratio));
  return row;
}

vigie::v1::DrawState DescribeDraw(const engine::Draw& draw, double minimum_response_ratio) {
  vigie::v1::DrawState state;
  state.set_organisation_id(draw.drawn->organisation_id());
  *state.mutable_draw() = draw.draw();
  state.set_log_position(draw.position);
  state.set_drawn_at_ms(draw.drawn_at_ms);
  auto* response = state.mutable_response();
  for (size_t i = 0; i < draw.returned.size(); ++i) {
    auto* row = state.add_strata();
    *row = DescribeStratum(draw, i, minimum_response_ratio);
    response->set_successes(response->successes() + row->response().successes());
    response->set_trials(response->trials() + row->response().trials());
  }
  return state;
}

}  // namespace vigie::oversight
