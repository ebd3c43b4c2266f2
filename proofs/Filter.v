(** What points that are only near the given ones decide: distances and inner products move by little. The kernels'
    filters compute with rounded points q, p for x, w, and measure how far those are off.

      R, V, ip     a real closed field, a vector space over it, a semi-inner product
      norm, dist   length and distance, see Inner.v *)

From mathcomp Require Import all_ssreflect all_algebra ring.
From Boundcheck Require Import Inner.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** In any norm, the distance moves by at most what both points do. *)
Theorem distance_filter (R : realFieldType) (V : lmodType R) (N : V -> R) :
  (forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
  forall (x w q p : V), `|N (x - w) - N (q - p)| <= N (x - q) + N (w - p).
Proof.
move=> normD normZ.
have normB u v : N (u - v) = N (v - u) by rewrite -opprB -scaleN1r normZ normrN1 mul1r.
have one x w q p : N (x - w) - N (q - p) <= N (x - q) + N (w - p).
  have -> : x - w = (x - q) + ((p - w) + (q - p)) by rewrite [_ + (q - p)]addrC !addrA !subrK.
  rewrite ler_subl_addr (normB w p).
  apply: le_trans (normD (x - q) _) _; rewrite -[leRHS]addrA ler_add2l.
  exact: normD.
move=> x w q p; rewrite ler_norml one andbT ler_oppl opprB.
by rewrite (normB x q) (normB w p) one.
Qed.

Section Filter.
Variables (R : rcfType) (V : lmodType R) (ip : V -> V -> R).
Hypothesis ipP : semi_inner ip.

(** An inner product moves by what each point does, times the other's length. *)
Theorem inner_filter (x w q p : V) :
  `|ip x w - ip q p| <= norm ip q * norm ip (w - p) + norm ip (x - q) * norm ip w.
Proof.
have -> : ip x w - ip q p = ip q (w - p) + ip (x - q) w.
  by rewrite (ipBr ipP) (ipBl ipP); ring.
apply: le_trans (ler_norm_add _ _) _.
by apply: ler_add; apply: (cauchy_schwarz ipP).
Qed.

End Filter.
