# Makes metrics.csv: what trec_eval (pytrec-eval-terrier 0.5.11) and ranx 0.3.21 say of made-up
# lists. pip install pytrec-eval-terrier==0.5.11 ranx==0.3.21; python metrics.py > metrics.csv
import random

import pytrec_eval
import ranx

random.seed(20)
print("hits,relevant,k,precision,recall,hitRate,reciprocalRank,averagePrecision,ndcg,"
      "ranxPrecision,ranxRecall,ranxHitRate,ranxMrr,ranxMap,ranxNdcg,ranxRbp80")
for case in range(60):
    k = random.choice([5, 10, 12])
    length = random.randint(1, k)
    share = random.choice([.05, .3, .8])
    hits = [random.random() < share for _ in range(length)]
    relevant = max(1, sum(hits) + random.choice([0, 1, 3, 20]))
    qrels = {f"d{i}": 1 for i in range(length) if hits[i]}
    qrels |= {f"m{i}": 1 for i in range(relevant - sum(hits))}
    run = {f"d{i}": float(100 - i) for i in range(length)}
    names = {f"P_{k}", f"recall_{k}", f"success_{k}", "recip_rank", f"map_cut_{k}", f"ndcg_cut_{k}"}
    measures = {"P." + str(k), "recall." + str(k), "success." + str(k), "recip_rank",
                "map_cut." + str(k), "ndcg_cut." + str(k)}
    trec = pytrec_eval.RelevanceEvaluator({"q": qrels}, measures).evaluate({"q": run})["q"]
    other = ranx.evaluate(
        ranx.Qrels({"q": qrels}), ranx.Run({"q": run}),
        [f"precision@{k}", f"recall@{k}", f"hit_rate@{k}", f"mrr@{k}", f"map@{k}", f"ndcg@{k}",
         f"rbp.80"])
    row = ["".join("1" if h else "0" for h in hits), relevant, k]
    row += [trec[n] for n in (f"P_{k}", f"recall_{k}", f"success_{k}", "recip_rank",
                              f"map_cut_{k}", f"ndcg_cut_{k}")]
    row += [other[n] for n in (f"precision@{k}", f"recall@{k}", f"hit_rate@{k}", f"mrr@{k}",
                               f"map@{k}", f"ndcg@{k}", "rbp.80")]
    print(",".join(map(lambda v: repr(float(v)) if not isinstance(v, (str, int)) else str(v), row)))
