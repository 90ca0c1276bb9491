"""Moving bytes so that they arrive exactly once and are proven. It must know neither cases nor masking."""
