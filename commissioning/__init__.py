"""A platform that carries a public tender from launch to mobilisation.

It serves commissioning teams, bidders and evaluators through pre-qualification, invitation to
negotiate, evaluation by price per quality point, and an award over all lots that is proven optimal
in exact arithmetic and explained. Every decision leaves a trail that can be checked afterwards.
"""

__version__ = "0.1.0"
