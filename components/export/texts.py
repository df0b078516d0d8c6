"""Every text of what the stage reports, in Korean and in English."""

from __future__ import annotations

from components.evaluate.comparison.report.texts import Language

# key: (Korean, English)
_TEXTS: dict[str, tuple[str, str]] = {
    "title": ("기기용 번들", "Bundles for devices"),
    "bundle": ("번들", "Bundle"),
    "weights": ("가중치", "Weights"),
    "size": ("크기 (MB)", "Size (MB)"),
    "verdict": ("판정", "Verdict"),
    "passed": ("한계 안", "within its limits"),
    "refused": ("거부", "refused"),
    "limits_broken": ("넘은 한계", "Limits that are broken"),
    "form": ("그림 인코더", "Image encoder"),
    "form_": ("params.yaml대로", "as params.yaml says"),
    "form_fp16": ("fp16", "fp16"),
    "form_int8": ("모든 층 int8", "all layers in int8"),
    "form_int8-7of8": ("int8, 민감한 층 1/8은 fp16", "int8, the most sensitive eighth of the layers in fp16"),
    "form_int8-3of4": ("int8, 민감한 층 1/4은 fp16", "int8, the most sensitive quarter of the layers in fp16"),
    "form_int8-1of2": ("int8, 민감한 층 절반은 fp16", "int8, the more sensitive half of the layers in fp16"),
    "form_int8-weights": ("가중치만 int8", "weights alone in int8"),
    "refused_forms": ("거부된 더 빠른 형태", "Faster forms that were refused"),
    "refused_forms_intro": (
        "그림 인코더는 한계를 지키는 가장 빠른 형태로 만듭니다. 아래 형태는 한계를 넘어 쓰지 않았습니다.",
        "Image encoders take the fastest form that keeps within the limits. These do not, and were not taken.",
    ),
    "measured_on": (
        "{name}({instruction_set})에서 쟀습니다. 이 프로세서의 바이트 곱: {arithmetic}. VNNI가 없는 프로세서는 두 곱의 "
        "합을 16비트에서 자르지만, 여기 쓰인 형태에서는 어느 합도 16비트를 넘지 않습니다. VNNI가 있으면 int8과 int4 "
        "가중치에 곱하는 수도 8비트로 반올림합니다. 한계는 두 경우에 모두 지켜야 합니다. 벤치마크는 이 프로세서에서 "
        "풀었습니다.",
        "Measured on {name} ({instruction_set}), which multiplies bytes as processors {arithmetic} do. Those without "
        "VNNI cut off sums of two products at 16 bits, but in the forms used here no sum leaves 16 bits. Those with "
        "VNNI also round to eight bits what is multiplied with weights of int8 and int4. Limits have to be kept in "
        "both; benchmarks were answered on this processor.",
    ),
    "arithmetic": ("산술", "Arithmetic"),
    "arithmetic_exact": ("VNNI 있음", "with VNNI"),
    "arithmetic_saturating": ("VNNI 없음", "without VNNI"),
    "arithmetic_unknown": ("다른 종류", "of another kind"),
    "distributions": ("다음 토큰의 분포", "Next-token distributions"),
    "distributions_intro": (
        "학습과 교정에 쓰지 않은 표본의 답변 토큰마다 원래 모델과 번들의 분포를 견주었습니다(teacher forcing). "
        "KL은 원래 모델로부터의 발산(nat)입니다. 그림: 번들의 그림 토큰을 원래 언어 모델에 넣음(그림이 있는 표본만). "
        "언어: 원래 그림 토큰을 번들의 언어 모델에 넣음. 전체: 모두 번들의 것. 대괄호는 표본을 단위로 한 {confidence} "
        "신뢰 구간입니다.",
        "At each answer token of samples that neither training nor calibration used, the model's distribution and the "
        "bundle's (teacher forcing). KL is the divergence from the model in nats. Vision: the bundle's image tokens in "
        "the model's own language model (samples with a picture only). Language: the model's image tokens in the "
        "bundle's language model. Both: all is the bundle's. In brackets the {confidence} interval, clustered by "
        "sample.",
    ),
    "pairing": ("양자화한 부분", "Quantised"),
    "pairing_vision": ("그림", "vision"),
    "pairing_language": ("언어", "language"),
    "pairing_both": ("전체", "both"),
    "kl_mean": ("KL 평균", "Mean KL"),
    "kl_p999": ("KL 99.9 백분위", "KL, 99.9th percentile"),
    "perplexity_ratio": ("퍼플렉시티 비", "Ratio of perplexities"),
    "top1": ("첫째 토큰 일치율", "Same top-1"),
    "tokens": ("토큰", "Tokens"),
    "samples": ("표본", "Samples"),
    "features": ("그림 토큰", "Image tokens"),
    "mean_cosine": ("코사인 평균", "Mean cosine"),
    "min_cosine": ("코사인 최솟값", "Smallest cosine"),
    "pictures": ("그림 수", "Pictures"),
    "scores": ("벤치마크", "Benchmarks"),
    "scores_intro": (
        "원래 모델과 같은 문항, 프롬프트, 채점으로 견주었습니다. 차이는 번들 − 모델이고, 대괄호는 짝지은 차이의 "
        "{confidence} 신뢰 구간, p는 Holm 방법으로 보정한 값입니다. ↑는 클수록, ↓는 작을수록 좋은 지표입니다.",
        "By the same items, prompts and scoring as the model. Differences are bundle − model, in brackets the "
        "{confidence} interval of the paired difference; p is adjusted by Holm's method. ↑: higher is better, ↓: lower "
        "is better.",
    ),
    "benchmark": ("벤치마크", "Benchmark"),
    "metric": ("지표", "Metric"),
    "model_score": ("모델", "Model"),
    "difference": ("차이", "Difference"),
    "p": ("p (보정)", "p, adjusted"),
    "win_tie_loss": ("승 / 무 / 패", "Win / tie / loss"),
    "units": ("단위 수", "Units"),
    "not_compared": ("견주지 않은 것", "Not compared"),
    "reason": ("이유", "Reason"),
    "judged": (
        "심판이 채점하는 벤치마크입니다. 번들의 답도 채점하려면 evaluate.baselines에 번들을 적으세요(layout: bundle)",
        "a judge rates its answers; name the bundle among evaluate.baselines (layout: bundle) to have those rated, too",
    ),
    "speed": ("속도", "Speed"),
    "speed_intro": (
        "{device}. 모델들이 질문마다 번갈아 답했고({rounds}번, 새 토큰 {new_tokens}개까지), "
        "값은 중앙값입니다. 메모리 몫: 메모리에서 가중치를 읽는 속도({bandwidth} GB/s)만이 한계일 때의 토큰/초에 견준 "
        "값.",
        "{device}. All took turns at each question ({rounds} times, up to {new_tokens} new "
        "tokens); medians. Memory's share: beside the tokens a second at which reading the weights from memory "
        "({bandwidth} GB/s) alone would be the limit.",
    ),
    "subject": ("모델", "Model"),
    "picture": ("그림", "Picture"),
    "with_picture": ("있음", "yes"),
    "without_picture": ("없음", "no"),
    "first_token_ms": ("첫 토큰까지 (ms)", "First token (ms)"),
    "first_token_ms_p95": ("95 백분위 (ms)", "95th percentile (ms)"),
    "tokens_per_second": ("토큰/초", "Tokens/s"),
    "characters_per_second": ("글자/초", "Characters/s"),
    "memory_share": ("메모리 몫", "Memory's share"),
    "load_seconds": ("읽어 들이기 (초)", "Load (s)"),
    "peak_mb": ("최대 메모리 (MB)", "Peak memory (MB)"),
}


def say(key: str, language: Language, **values: str) -> str:
    """The text of a key, with its gaps filled."""
    return _TEXTS[key][("ko", "en").index(language)].format(**values)


def say_form(form: str, language: Language) -> str:
    """What a form of the image encoder is (components.export.openvino.forms)."""
    return say(f"form_{form}", language)


def say_reason(reason: str, language: Language) -> str:
    """A reason that files hold in English, in a language where it is one of the texts here."""
    return next((say(key, language) for key, (_, english) in _TEXTS.items() if english == reason), reason)
