"""Every text of the report, in Korean and in English."""

from __future__ import annotations

from typing import Literal

Language = Literal["ko", "en"]

# key: (Korean, English)
TEXTS: dict[str, tuple[str, str]] = {
    "title": ("모델 비교", "Comparison of models"),
    # columns
    "model": ("모델", "Model"),
    "label": ("설명", "What it is"),
    "benchmark": ("벤치마크", "Benchmark"),
    "category": ("분류", "Category"),
    "metric": ("지표", "Metric"),
    "metrics_and_units": ("지표 (단위 수)", "Metrics (units)"),
    "chance": ("우연 수준", "chance"),
    "difference": ("차이", "Difference"),
    "p_value": ("p", "p"),
    "p_adjusted": ("p (보정)", "p, adjusted"),
    "test": ("검정", "Test"),
    "smallest": ("보일 수 있는 최소 차이", "Smallest visible difference"),
    "win_tie_loss": ("승 / 무 / 패", "Win / tie / loss"),
    "verdict": ("판정", "Verdict"),
    "units": ("단위 수", "Units"),
    "reason": ("이유", "Reason"),
    "source": ("출처", "Source"),
    "condition": ("조건", "Condition"),
    "state": ("상태", "State"),
    "concerns": ("해당하는 지표", "Concerns"),
    "value": ("값", "Value"),
    "what_differs": ("다른 것", "What differs"),
    "versions_items": ("문항", "Items"),
    "versions_prompt": ("프롬프트", "Prompt"),
    "versions_parser": ("해석", "Parser"),
    "versions_decoding": ("디코딩", "Decoding"),
    "versions_judge": ("심판", "Judge"),
    # what was compared
    "compared": ("무엇을 비교했나", "What was compared"),
    "compared_intro": (
        "차이는 모두 같은 문항에 답한 모델들 사이의 것입니다. 단위는 문항이며, 순환 정확도(circular accuracy)에서는 "
        "보기 순서만 다른 문항들을 묶은 질문 하나입니다.",
        "Every difference is between models that answered the same items. A unit is an item or, for circular "
        "accuracy, a question with all of its rotations.",
    ),
    "own": ("이름 그대로", "as its name says"),
    "figures": ("여기서 잰 값", "Figures measured here"),
    "figures_intro": (
        "값 옆은 {confidence} 신뢰 구간입니다. ↑는 클수록, ↓는 작을수록 좋은 지표입니다.",
        "Beside each value stands its {confidence} interval. ↑: higher is better, ↓: lower is better.",
    ),
    # pairs
    "pair": ("{first} 대 {second}", "{first} against {second}"),
    "pair_intro": (
        "차이는 {first} − {second}입니다.",
        "Differences are {first} − {second}.",
    ),
    "secondary": ("다른 지표 (p는 보정하지 않음)", "Other metrics (p not adjusted)"),
    "by_category": ("분류별", "By category"),
    "changed": ("답이 달라진 문항", "Answers that changed"),
    "changed_intro": (
        "나머지 id는 `comparison.json`에 있습니다. 맞고 틀림이 없는 지표에서는 변화가 가장 큰 단위들입니다.",
        "All ids are in `comparison.json`. For metrics without right and wrong, these are the units that changed most.",
    ),
    "fixed": ("{first} 우세", "{first} better"),
    "broken": ("{second} 우세", "{second} better"),
    "refused": ("비교하지 않은 것", "Not compared"),
    "refused_intro": (
        "같은 방법으로 재지 않은 두 값의 차이는 말하지 않습니다.",
        "No difference is given between two figures that were not measured in the same way.",
    ),
    "better": ("{name} 우세", "{name} better"),
    "not_shown": ("차이를 보이지 못함", "no difference shown"),
    # leaks
    "leaks": ("누출", "Leaks"),
    "leaks_intro": (
        "학습 데이터에도 있는 문항입니다. 제거 전에 찾은 것과, 아직 학습에 남은 것, 그리고 남은 것을 뺀 점수입니다.",
        "Items that are in the training data, too: found before any was removed, still left in training, and the score "
        "without those that are left.",
    ),
    "items": ("문항", "Items"),
    "found": ("찾음", "Found"),
    "kinds": ("종류", "Kinds"),
    "left": ("남음", "Left"),
    "with_leaks": ("전체", "All"),
    "without_leaks": ("누출 제외", "Without leaks"),
    # latency
    "latency": ("속도", "Latency"),
    "latency_intro": (
        "중앙값과, 괄호 안에 5번째와 95번째 백분위수입니다. 토큰의 길이는 토크나이저마다 다르므로 "
        "모델끼리는 초당 글자 수로 견주세요. 조건이 같은 값만 견줄 수 있습니다.",
        "Medians, and in brackets the 5th and the 95th percentile. Tokens are not of one length across tokenisers: set "
        "models side by side by characters per second, and only where the conditions are the same.",
    ),
    # no figure
    "no_figure": ("값이 없는 것과 이유", "What has no figure, and why"),
    "not run": ("실행 안 함", "not run"),
    "missing": ("없음", "missing"),
    # published
    "published": ("발표된 값", "Published figures"),
    "published_intro": (
        "다른 곳에서 다른 조건으로 잰 값입니다. 위의 값과 차이를 계산하지 않습니다.",
        "These were measured elsewhere under other conditions. No difference to the figures above is computed.",
    ),
    # versions
    "versions": ("판", "Versions"),
    "versions_intro": (
        "하나라도 다른 두 값은 비교할 수 없습니다.",
        "Two figures of which any of these differs are not comparable.",
    ),
    # how to read
    "method": ("읽는 법", "How to read this"),
    "method_units": (
        "- 단위 수 옆 괄호는 서로 독립인 군집의 수입니다. 한 질문의 회전처럼 서로 얽힌 단위는 한 군집으로 함께 "
        "뽑습니다.",
        "- In brackets beside units: independent clusters. Units that depend on each other, such as the rotations of "
        "one question, are drawn together as one.",
    ),
    "method_intervals": (
        "- 신뢰 구간({confidence}): 서로 독립인 문항의 맞고 틀림은 Wilson, 나머지는 군집을 복원 추출하는 부트스트랩 "
        "({resamples:,}회, 시드 {seed}, Hesterberg의 확장 백분위수)입니다.",
        "- Intervals ({confidence}): Wilson's for right or wrong on independent items; else the bootstrap that draws "
        "clusters with replacement ({resamples:,} times, seed {seed}, Hesterberg's expanded percentiles).",
    ),
    "method_tests": (
        "- 검정은 문항을 짝지어 합니다: 독립인 문항의 맞고 틀림은 McNemar(한 모델만 맞은 문항이 {few}개 미만이면 정확 "
        "검정), 나머지는 짝지은 부트스트랩. 차이의 구간은 모두 부트스트랩이라, 경계에서는 McNemar의 p와 "
        "어긋날 수 있습니다.",
        "- Tests pair the items: McNemar's for right or wrong on independent items (the exact one below {few} units "
        "that only one model has right), else the paired bootstrap. Intervals of differences are all bootstrapped, so "
        "that at the margin they can disagree with McNemar's p.",
    ),
    "method_correction": (
        "- 보정한 p는 두 모델의 모든 벤치마크 대표 지표에 대한 Holm 보정입니다. 판정은 이 값이 {significance} 이하일 "
        "때만 우세라고 합니다.",
        "- Adjusted p values are Holm's over the main metrics of all benchmarks of the two models. The verdict says "
        "better only where this value is at most {significance}.",
    ),
    "method_smallest": (
        "- 보일 수 있는 최소 차이: 이 문항 수로 80 %의 검정력으로 찾을 수 있는 참된 차이입니다. 이보다 작은 차이가 "
        "보이지 않았다고 해서 두 모델이 같다는 뜻은 아닙니다.",
        "- Smallest visible difference: the true difference that this many items find with 80 % power, before the "
        "correction. That no smaller one was shown does not mean that the models are equal.",
    ),
    # categories of benchmarks
    "category_closed": ("1. 객관식", "1. Closed questions"),
    "category_open": ("1. 주관식", "1. Open questions"),
    "category_latency": ("2. 속도", "2. Latency"),
    "category_captioning": ("3. 설명 생성", "3. Captioning"),
    "category_ocr": ("4. 글자 읽기 (OCR)", "4. OCR"),
    "category_culture": ("5. 한국 문화", "5. Korean culture"),
    # metrics
    "metric_accuracy": ("정확도", "accuracy"),
    "metric_circular_accuracy": ("순환 정확도", "circular accuracy"),
    "metric_macro_accuracy": ("분류 평균 정확도", "macro accuracy"),
    "metric_parse_rate": ("해석률", "parse rate"),
    "metric_relative_score": ("상대 점수", "relative score"),
    "metric_judge_absolute_x10": ("절대 점수 ×10", "absolute score ×10"),
    "metric_judge_accuracy": ("심판 정확도", "judged accuracy"),
    "metric_exact_match": ("일치율", "exact match"),
    "metric_mean_iou": ("평균 IoU", "mean IoU"),
    "metric_iou_50": ("IoU ≥ 0.5", "IoU ≥ 0.5"),
    "metric_iou_75": ("IoU ≥ 0.75", "IoU ≥ 0.75"),
    "metric_cer": ("글자 오류율", "character error rate"),
    "metric_cer_seen": ("글자 오류율 (학습한 낱말)", "character error rate, words seen"),
    "metric_cer_unseen": ("글자 오류율 (새 낱말)", "character error rate, words unseen"),
    "metric_cider_d": ("CIDEr-D ×10", "CIDEr-D ×10"),
    "metric_meteor": ("METEOR", "METEOR"),
    "metric_kr_sbert": ("KR-SBERT 유사도", "KR-SBERT similarity"),
    "metric_kr_sbert_max": ("KR-SBERT 유사도 (최대)", "KR-SBERT similarity, best"),
    "metric_kr_sbert_floor": ("KR-SBERT 유사도 (섞은 설명)", "KR-SBERT similarity, shuffled"),
    "metric_tokens_per_second": ("토큰/초", "tokens/s"),
    "metric_characters_per_second": ("글자/초", "characters/s"),
    "metric_first_token_ms": ("첫 토큰까지 (ms)", "time to first token (ms)"),
    "metric_ms_per_token": ("토큰당 (ms)", "time per token (ms)"),
    "metric_end_to_end_ms": ("전체 (ms)", "end to end (ms)"),
    # tests, by the names in components/evaluate/statistics/paired.py
    "test_McNemar, exact": ("McNemar (정확)", "McNemar, exact"),
    "test_McNemar, chi-squared": ("McNemar (카이제곱)", "McNemar, chi-squared"),
    "test_paired bootstrap": ("짝지은 부트스트랩", "paired bootstrap"),
    "test_none": ("없음", "none"),
    # Labels of the picture, which shows both languages
    "picture_value": ("값", "value"),
    "picture_difference": ("차이", "difference"),
    "picture_colours": (
        "차이: 파랑은 앞 모델, 주황은 뒤 모델이 우세함 (보정한 검정). 회색은 차이를 보이지 못함.",
        "Differences: blue where the first model is better, orange where the second is, after the correction; grey "
        "where no difference is shown.",
    ),
}


def translate(key: str, language: Language, **values: object) -> str:
    """The text of a key in a language, with {fields} filled in."""
    text = TEXTS[key][0 if language == "ko" else 1]
    return text.format(**values) if values else text


def metric_name(metric: str, language: Language) -> str:
    """What a metric is called; its own name where the catalogue has none."""
    return translate(key, language) if (key := f"metric_{metric}") in TEXTS else metric
