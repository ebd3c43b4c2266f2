(** Families of classes in Euclidean space: how the spread of all their points is made up.

    C c i                     the point i of the class c; K.+2 classes of (n c).+1 points
    dist, centroid, spread    see Inner.v *)

From mathcomp Require Import all_ssreflect all_algebra ring.
From Boundcheck Require Import Inner.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Local Open Scope inner_scope.

(** The spread of all points: that within the classes, and that of their centroids, each class by its size. *)
Theorem between_and_within (R : rcfType) (V : lmodType R) (ip : V -> V -> R) :
  (forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
  (forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
  forall (K : nat) (n : 'I_K.+2 -> nat) (C : forall c : 'I_K.+2, 'I_(n c).+1 -> V),
  (\sum_(c < K.+2) (n c).+1)%:R^-1 * (\sum_(a : {c : 'I_K.+2 & 'I_(n c).+1})
    dist ip (C (tag a) (tagged a)) ((\sum_(c < K.+2) (n c).+1)%:R^-1 *:
      (\sum_(a' : {c : 'I_K.+2 & 'I_(n c).+1}) C (tag a') (tagged a'))) ^+ 2) =
  K.+2%:R^-1 * (\sum_(c < K.+2) K.+2%:R * (n c).+1%:R / (\sum_(c < K.+2) (n c).+1)%:R *
    (spread ip (n c) (C c) + dist ip (centroid (n c) (C c)) ((\sum_(c < K.+2) (n c).+1)%:R^-1 *:
      (\sum_(a : {c : 'I_K.+2 & 'I_(n c).+1}) C (tag a) (tagged a))) ^+ 2)).
Proof.
move=> sym scale add ge0 K n C; have ipP := SemiInner sym scale add ge0.
set m := _ *: _; set total := _%:R.
rewrite -(@sig_big_dep _ _ _ _ _ xpredT (fun _ => xpredT) (fun c i => dist ip (C c i) m ^+ 2)) /=.
rewrite !mulr_sumr; apply: eq_bigr => c _.
rewrite [X in _ = _ * (_ * X)]addrC -(huygens ipP (C c) m).
have n_neq0 : (n c).+1%:R != 0 :> R by rewrite pnatr_eq0.
have K_neq0 : K.+2%:R != 0 :> R by rewrite pnatr_eq0.
move: n_neq0 K_neq0; set s := \sum_(i < (n c).+1) _; set b := (n c).+1%:R; set k := K.+2%:R; set t := total^-1.
by move=> b_neq0 k_neq0; rewrite !mulrA mulVf // mul1r [b * t]mulrC mulfK.
Qed.
