// What scripts add to the dashboard: news as it comes, a clock that runs, copying. All works without.
import { offerCopies } from "./copy.js";
import { explainChoices } from "./explain.js";
import { follow } from "./news.js";
import { runClock } from "./running_clock.js";

offerCopies();
explainChoices();
runClock();
follow();
